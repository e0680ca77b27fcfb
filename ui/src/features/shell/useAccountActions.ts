// Owns the ways to leave what is open: another organization, another account, signing out; one at a time.
// Must never decide where they lead: the session says so.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Account, AppError, Organization } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";

export type AccountAction =
  | { kind: "organization"; organization: Organization }
  | { kind: "switch"; account: Account }
  | { kind: "add" }
  | { kind: "out" }
  | { kind: "outAll" };

export type AccountActions = {
  isPending: boolean;
  /** The account's action under way; null if there is none, or if it is about the organization. */
  pendingAction: Exclude<AccountAction, { kind: "organization" }> | null;
  /** The organization that is being switched to. */
  switchingTo: Organization | null;
  /** Why the last one failed; nothing has changed. */
  error: AppError | null;
  dismiss: () => void;
  openOrganization: (organization: Organization) => void;
  switchAccount: (account: Account) => void;
  addAccount: () => void;
  signOut: () => void;
  signOutAll: () => void;
};

export function useAccountActions(): AccountActions {
  const commands = useCommands();
  const client = useQueryClient();
  const { mutate, reset, isPending, variables, error } = useMutation({
    mutationFn: (action: AccountAction) => {
      switch (action.kind) {
        case "organization":
          return commands.organization_choose({ organization: action.organization.id });
        case "switch":
          return commands.account_choose({ account: action.account.id });
        case "add":
          return commands.account_add();
        case "out":
          return commands.sign_out();
        case "outAll":
          return commands.sign_out_all();
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.session }),
  });
  const start = (doing: AccountAction) => {
    if (!isPending) mutate(doing);
  };
  const doing = isPending && variables ? variables : null;
  return {
    isPending: isPending,
    pendingAction: doing && doing.kind !== "organization" ? doing : null,
    switchingTo: doing?.kind === "organization" ? doing.organization : null,
    error: error ? asAppError(error) : null,
    dismiss: reset,
    openOrganization: (organization) => start({ kind: "organization", organization }),
    switchAccount: (account) => start({ kind: "switch", account }),
    addAccount: () => start({ kind: "add" }),
    signOut: () => start({ kind: "out" }),
    signOutAll: () => start({ kind: "outAll" }),
  };
}
