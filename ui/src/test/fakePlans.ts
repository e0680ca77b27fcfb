// Owns the stand-in's plans: their lines, and their progress. Must never write: the backend does, line by
// line.
import type {
  AppError,
  GroupId,
  MembershipRequest,
  Organization,
  PlanId,
  PlanLine,
  PlanProgress,
  PlanSummary,
  PlanView,
  RunState,
} from "../ipc/bindings";
import { onWire } from "./fakeFacts";
import { users, type World } from "./fakeWorld";

export type Plan = {
  view: PlanView;
  lines: PlanLine[];
  state: RunState;
  madeAt: number;
  /** Whether it is stored on disk. */
  stored: boolean;
  /** Why it waits for the servers. */
  waiting: AppError | null;
  stopped: AppError | null;
};

/** Whether the run reads a line. */
export function isChecked({ planned }: PlanLine): boolean {
  return planned.kind !== "blocked" || planned.reason !== "syncedFromAzure";
}

export function planFor(id: PlanId, world: World, organization: Organization, request: MembershipRequest): Plan {
  const people = request.kind === "edit" ? [request.user] : users(world, request.users);
  const wanted: [GroupId, boolean][] =
    request.kind === "edit"
      ? [
          ...request.add.map((id): [GroupId, boolean] => [id, true]),
          ...request.remove.map((id): [GroupId, boolean] => [id, false]),
        ]
      : request.groups.map((id) => [id, request.kind === "add"]);
  const lines = people.flatMap((user) =>
    wanted.map(([groupId, adding]): PlanLine => {
      const person = world.people.find((one) => one.id === user);
      const group = world.groups.find((one) => one.id === groupId);
      const planned: PlanLine["planned"] = !person
        ? { kind: "blocked", reason: "userGone" }
        : person.groups.has(groupId) === adding
          ? { kind: "unchanged" }
          : group?.origin.kind === "azure"
            ? { kind: "blocked", reason: "syncedFromAzure" }
            : person.state === "accountOnly"
              ? { kind: "blocked", reason: "notOnPrintingServer" }
              : { kind: adding ? "add" : "remove" };
      return {
        user: { id: user, name: person?.name ?? "", email: person?.email ?? "" },
        group: { id: groupId, name: group?.name ?? groupId },
        planned,
        outcome: null,
      };
    }),
  );
  const order = { add: 0, remove: 1, unchanged: 2, blocked: 3 };
  lines.sort((a, b) => order[a.planned.kind] - order[b.planned.kind]);
  const count = (kind: PlanLine["planned"]["kind"]) => lines.filter((line) => line.planned.kind === kind).length;
  const view: PlanView = {
    id,
    organization,
    verb: request.kind,
    groups: wanted.map(([id]) => ({ id, name: world.groups.find((one) => one.id === id)?.name ?? id })),
    user: request.kind === "edit" ? (lines[0]?.user ?? null) : null,
    adds: count("add"),
    removes: count("remove"),
    unchanged: count("unchanged"),
    blocked: count("blocked"),
    checked: lines.filter(isChecked).length,
    lines: lines.length,
    asOf: Date.now() - 120_000,
    mayMissUsers: false,
  };
  return { view, lines, state: "ready", madeAt: Date.now(), stored: true, waiting: null, stopped: null };
}

export function progressOf({ view, lines, state, stored, waiting, stopped }: Plan): PlanProgress {
  const count = (...kinds: string[]) => lines.filter(({ outcome }) => outcome && kinds.includes(outcome.kind)).length;
  return {
    id: view.id,
    state,
    total: view.checked,
    done: count("applied", "changedMeanwhile", "unchanged", "blocked", "failed"),
    applied: count("applied", "changedMeanwhile"),
    unchanged: count("unchanged"),
    blocked: count("blocked"),
    failed: count("failed"),
    left: lines.filter(({ outcome }) => !outcome || outcome.kind === "failed").length,
    changedMeanwhile: count("changedMeanwhile"),
    waiting,
    stopped,
    stored,
  };
}

export function summaryOf(plan: Plan): PlanSummary {
  return { plan: plan.view, progress: progressOf(plan), madeAt: onWire(plan.madeAt) };
}
