// Owns what all parts of the shell need: the organization, and the functions to go to a user, a group, a
// change. Must never be used outside the shell.
import { createContext, useContext } from "react";
import type { GroupId, Organization, PlanId, UserId, WorkspaceId } from "../../ipc/bindings";
import type { MembershipChange } from "../plans/membershipChange";

export type ShellContextValue = {
  /** The workspace that each query and each change names. */
  workspace: WorkspaceId;
  organization: Organization;
  /** The session has ended: what is shown stays, and no server is asked. */
  expired: boolean;
  openUser: (id: UserId) => void;
  openGroup: (id: GroupId) => void;
  /** Begins a change of memberships: choose, review, apply. */
  startMembershipChange: (change: MembershipChange) => void;
  /** Discards a plan; applied changes stay. Never throws: a plan that can't be discarded is listed again. */
  discardPlan: (id: PlanId) => void;
};

export const ShellContext = createContext<ShellContextValue | null>(null);

export function useShell(): ShellContextValue {
  const shell = useContext(ShellContext);
  if (!shell) throw new Error("useShell outside the shell");
  return shell;
}
