// Owns the ways to leave what is open: another organization, another account, signing out; one at a time.
// Must never decide where they lead: the session tells it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Account, AppError, Organization } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";

export type Doing =
  | { kind: "organization"; organization: Organization }
  | { kind: "switch"; account: Account }
  | { kind: "add" }
  | { kind: "out" }
  | { kind: "outAll" };

export type Leaving = {
  busy: boolean;
  /** The account's action under way; null if there is none, or if it is about the organization. */
  doing: Exclude<Doing, { kind: "organization" }> | null;
  /** The organization that is being switched to. */
  target: Organization | null;
  /** Why the last one failed; nothing has changed. */
  error: AppError | null;
  dismiss: () => void;
  choose: (organization: Organization) => void;
  switchTo: (account: Account) => void;
  add: () => void;
  signOut: () => void;
  signOutAll: () => void;
};

export function useLeaving(): Leaving {
  const commands = useCommands();
  const client = useQueryClient();
  const { mutate, reset, isPending, variables, error } = useMutation({
    mutationFn: (doing: Doing) => {
      switch (doing.kind) {
        case "organization":
          return commands.organization_choose({ organization: doing.organization.id });
        case "switch":
          return commands.account_choose({ account: doing.account.id });
        case "add":
          return commands.account_add();
        case "out":
          return commands.sign_out();
        case "outAll":
          return commands.sign_out_all();
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.session }),
  });
  const begin = (doing: Doing) => {
    if (!isPending) mutate(doing);
  };
  const doing = isPending && variables ? variables : null;
  return {
    busy: isPending,
    doing: doing && doing.kind !== "organization" ? doing : null,
    target: doing?.kind === "organization" ? doing.organization : null,
    error: error ? asAppError(error) : null,
    dismiss: reset,
    choose: (organization) => begin({ kind: "organization", organization }),
    switchTo: (account) => begin({ kind: "switch", account }),
    add: () => begin({ kind: "add" }),
    signOut: () => begin({ kind: "out" }),
    signOutAll: () => begin({ kind: "outAll" }),
  };
}
