// Owns which plans are unfinished, and discarding one. Must never list a plan that was discarded, nor lose
// one that could not be.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import type { AppError, PlanId, WorkspaceId } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";

export function useUnfinishedPlans(workspace: WorkspaceId) {
  const commands = useCommands();
  const query = useQuery({ queryKey: queryKeys.plans(workspace), queryFn: () => commands.plans({ workspace }) });
  // A list that was requested before a plan was discarded may still contain it.
  const [discarded, setDiscarded] = useState<ReadonlySet<PlanId>>(new Set());
  const [problem, setProblem] = useState<AppError | null>(null);
  const discard = useCallback(
    (id: PlanId) => {
      setDiscarded((now) => new Set(now).add(id));
      commands.plan_close({ workspace, id }).catch((refusal: unknown) => {
        setProblem(asAppError(refusal));
        setDiscarded((now) => {
          const next = new Set(now);
          next.delete(id);
          return next;
        });
      });
    },
    [commands, workspace],
  );
  const plans = (query.data ?? []).filter((one) => !discarded.has(one.plan.id));
  return { plans, discard, problem, dismiss: () => setProblem(null) };
}
