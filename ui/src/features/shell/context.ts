// Owns what all parts of the shell need: the organization, and the functions to go to a user, a group, a
// change. Must never be used outside the shell.
import { createContext, useContext } from "react";
import type { GroupId, Organization, PlanId, UserId, WorkspaceId } from "../../ipc/bindings";
import type { Flow } from "../plans/flow";

export type ShellContext = {
  /** The workspace that each query and each change names. */
  workspace: WorkspaceId;
  organization: Organization;
  /** The session has ended: what is shown stays, and no server is asked. */
  expired: boolean;
  openUser: (id: UserId) => void;
  openGroup: (id: GroupId) => void;
  /** Begins a change of memberships: choose, review, apply. */
  change: (flow: Flow) => void;
  /** Discards a plan; applied changes stay. Never throws: a plan that can't be discarded is listed again. */
  closePlan: (id: PlanId) => void;
};

export const Shell = createContext<ShellContext | null>(null);

export function useShell(): ShellContext {
  const shell = useContext(Shell);
  if (!shell) throw new Error("useShell outside the shell");
  return shell;
}
