// Owns what every part of the shell needs to know: whose organization this is, and how to go to a person, a group, a change.
// Must never be read outside the shell.
import { createContext, useContext } from "react";
import type { GroupId, Organization, PlanId, UserId, WorkspaceId } from "../../ipc/bindings";
import type { Flow } from "../plans/flow";

export type ShellContext = {
  /** What every question and every change is asked of. */
  workspace: WorkspaceId;
  organization: Organization;
  /** The session has ended: what is shown stays, the server is not asked. */
  expired: boolean;
  openUser: (id: UserId) => void;
  openGroup: (id: GroupId) => void;
  /** Begins a change of memberships: choose, review, apply. */
  change: (flow: Flow) => void;
  /** Lets a plan go; what was applied stays applied. Never throws: a plan that can't be let go is listed again. */
  closePlan: (id: PlanId) => void;
};

export const Shell = createContext<ShellContext | null>(null);

export function useShell(): ShellContext {
  const shell = useContext(Shell);
  if (!shell) throw new Error("useShell outside the shell");
  return shell;
}
