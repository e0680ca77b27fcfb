// Owns the beginnings of a change of memberships. Must never write: a flow ends in a plan, and a plan is
// confirmed.
import type { GroupRow, MembershipRequest, PlanView, Selection, UserDetail } from "../../ipc/bindings";

export type Flow = (
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
