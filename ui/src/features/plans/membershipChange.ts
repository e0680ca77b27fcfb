// Owns how a change of memberships may begin. Must never write: a change is planned, and the plan is
// confirmed before it is applied.
import type { GroupRow, MembershipRequest, PlanView, Selection, UserDetail } from "../../ipc/bindings";

export type MembershipChange = (
  | { kind: "addMembers"; group: GroupRow }
  | { kind: "editGroups"; user: UserDetail }
  | { kind: "selection"; verb: "add" | "remove"; users: Selection; count: number }
  | { kind: "request"; request: MembershipRequest }
  /** An unfinished plan. If it is left again, it stays unfinished. */
  | { kind: "resume"; plan: PlanView; at: "review" | "run" }
) & {
  /** Called after something was written: its selection may be cleared. */
  onDone?: () => void;
};
