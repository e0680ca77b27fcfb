// Owns what every part of the shell needs to know: whose organization this is, and how to go to a person, a group, a change.
import { createContext, useContext } from "react";
import type { GroupId, Organization, UserId } from "../../ipc/bindings";
import type { Flow } from "../plans/flow";

export type ShellContext = {
  organization: Organization;
  openUser: (id: UserId) => void;
  openGroup: (id: GroupId) => void;
  /** Begins a change of memberships: choose, review, apply. */
  change: (flow: Flow) => void;
};

export const Shell = createContext<ShellContext | null>(null);

export function useShell(): ShellContext {
  const shell = useContext(Shell);
  if (!shell) throw new Error("useShell outside the shell");
  return shell;
}
