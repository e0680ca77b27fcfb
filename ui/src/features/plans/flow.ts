// Owns what a change of memberships can begin with. Must never write: a flow ends in a plan, and a plan is confirmed.
import type { GroupRow, MembershipRequest, PlanView, Selection, UserDetail } from "../../ipc/bindings";

export type Flow = (
  | { kind: "addMembers"; group: GroupRow }
  | { kind: "editGroups"; user: UserDetail }
  | { kind: "selection"; verb: "add" | "remove"; users: Selection; count: number }
  | { kind: "request"; request: MembershipRequest }
  /** Made before, and not done with. Left again, it stays so. */
  | { kind: "resume"; plan: PlanView; at: "review" | "run" }
) & {
  /** Something was written: what was selected for it may be let go. */
  onDone?: () => void;
};
