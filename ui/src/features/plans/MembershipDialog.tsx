// Owns the steps of each change of memberships: choose, review, apply, results; all in one dialog. Must never
// write what was not reviewed, nor be closed by accident while writing.
import { useMutation } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { DialogPane, ModalFrame } from "../../components/Dialog";
import { ErrorAlert } from "../../components/ErrorAlert";
import { useI18n } from "../../i18n";
import type { AppError, MembershipRequest, PlanProgress, PlanView } from "../../ipc/bindings";
import { useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { useShell } from "../shell/context";
import { ApplyDialog } from "./ApplyDialog";
import { GroupsPicker, initialPicks, MemberPicker, UserGroupsPicker } from "./MembershipPicker";
import type { MembershipChange } from "./membershipChange";
import { ReviewDialog } from "./ReviewDialog";
import { isSyncNeeded, SyncBeforeReview } from "./SyncBeforeReview";

type Step = { at: "choose" } | { at: "review"; plan: PlanView } | { at: "run"; plan: PlanView };

export function MembershipDialog({ change, onClose }: { change: MembershipChange; onClose: () => void }) {
  const { organization, workspace, discardPlan } = useShell();
  const commands = useCommands();
  const [step, setStep] = useState<Step>(() =>
    change.kind === "resume" ? { at: change.at, plan: change.plan } : { at: "choose" },
  );
  const [picks, setPicks] = useState(() => initialPicks(change));
  const [applied, setApplied] = useState<{ running: boolean; progress: PlanProgress | undefined }>({
    running: false,
    progress: undefined,
  });

  const make = useMutation({
    mutationFn: (request: MembershipRequest) => commands.plan_make({ workspace, request }),
    onSuccess: (plan) => setStep({ at: "review", plan }),
  });
  const apply = useMutation({
    mutationFn: (plan: PlanView) => commands.plan_apply({ workspace, id: plan.id }),
    onSuccess: (_, plan) => {
      setApplied({ running: true, progress: undefined });
      setStep({ at: "run", plan });
    },
  });

  const request = change.kind === "request" ? change.request : null;
  const requested = useRef(false);
  const { mutate: makePlan } = make;
  useEffect(() => {
    if (request === null || requested.current) return;
    requested.current = true;
    makePlan(request);
  }, [request, makePlan]);

  /**
   * An applied plan with a line left to try stays under "Unfinished changes", also if its progress is
   * unknown. One that was only reviewed is removed, unless it was continued from there.
   */
  const close = (discard = false) => {
    const { progress } = applied;
    if (step.at === "run" && progress && progress.applied > 0) change.onDone?.();
    const finished = step.at === "run" ? progress?.left === 0 : change.kind !== "resume";
    if (step.at !== "choose" && (discard || finished)) discardPlan(step.plan.id);
    onClose();
  };
  const back = () => {
    if (step.at !== "review") return;
    if (request || change.kind === "resume") close();
    else {
      discardPlan(step.plan.id);
      apply.reset();
      setStep({ at: "choose" });
    }
  };
  const onProgress = useCallback(
    (running: boolean, progress: PlanProgress | undefined) => setApplied({ running, progress }),
    [],
  );
  const locked = apply.isPending || (step.at === "run" && applied.running);
  const problem = make.error ? asAppError(make.error) : null;
  const needsSync = step.at === "choose" && isSyncNeeded(problem) && make.variables !== undefined;
  /** Cancel and Escape: during a wait for a sync they lead back to the choice, which must not be lost. */
  const cancel = () => {
    if (needsSync && !request) make.reset();
    else close();
  };
  const pickerProps = {
    picks,
    onPick: setPicks,
    busy: make.isPending,
    error: problem,
    onReview: (wanted: MembershipRequest) => make.mutate(wanted),
    onClose: () => close(),
  };

  return (
    <ModalFrame color={organization.color} locked={locked} onClose={cancel}>
      {step.at === "run" ? (
        <ApplyDialog
          key="run"
          plan={step.plan}
          resumed={change.kind === "resume" && change.at === "run"}
          onProgress={onProgress}
          onClose={() => close()}
          onDiscard={() => close(true)}
        />
      ) : step.at === "review" ? (
        <ReviewDialog
          key="review"
          plan={step.plan}
          busy={apply.isPending}
          error={apply.error ? asAppError(apply.error) : null}
          onApply={() => apply.mutate(step.plan)}
          onBack={back}
        />
      ) : isSyncNeeded(problem) && make.variables ? (
        <SyncBeforeReview
          key={problem.code}
          error={problem}
          onSynced={() => {
            if (make.variables) make.mutate(make.variables);
          }}
          onClose={cancel}
        />
      ) : change.kind === "addMembers" ? (
        <MemberPicker key="choose" change={change} {...pickerProps} />
      ) : change.kind === "editGroups" ? (
        <UserGroupsPicker key="choose" change={change} {...pickerProps} />
      ) : change.kind === "selection" ? (
        <GroupsPicker key="choose" change={change} {...pickerProps} />
      ) : (
        <PreparingPlan
          error={pickerProps.error}
          onRetry={() => {
            if (request) make.mutate(request);
          }}
          onClose={() => close()}
        />
      )}
    </ModalFrame>
  );
}

/** Shown if there is nothing to choose: the plan is being made, or could not be. */
function PreparingPlan({
  error,
  onRetry,
  onClose,
}: {
  error: AppError | null;
  onRetry: () => void;
  onClose: () => void;
}) {
  const { t } = useI18n();
  return (
    <DialogPane title={t("plan.review")} lead={error ? undefined : t("plan.reviewing")}>
      {error ? <ErrorAlert error={error} onRetry={onRetry} /> : <div className="plan-lines" aria-hidden="true" />}
      <footer>
        <Button onPress={onClose}>{t("common.cancel")}</Button>
      </footer>
    </DialogPane>
  );
}
