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
import { ChooseGroups, ChooseMembers, EditGroups, firstChoice } from "./Choose";
import type { Flow } from "./flow";
import { Review } from "./Review";
import { Run } from "./Run";
import { isSyncNeeded, SyncFirst } from "./SyncFirst";

type Step = { at: "choose" } | { at: "review"; plan: PlanView } | { at: "run"; plan: PlanView };

export function MembershipDialog({ flow, onClose }: { flow: Flow; onClose: () => void }) {
  const { organization, workspace, closePlan } = useShell();
  const commands = useCommands();
  const [step, setStep] = useState<Step>(() =>
    flow.kind === "resume" ? { at: flow.at, plan: flow.plan } : { at: "choose" },
  );
  const [choice, setChoice] = useState(() => firstChoice(flow));
  const [run, setRun] = useState<{ running: boolean; progress: PlanProgress | undefined }>({
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
      setRun({ running: true, progress: undefined });
      setStep({ at: "run", plan });
    },
  });

  const request = flow.kind === "request" ? flow.request : null;
  const begun = useRef(false);
  const { mutate: begin } = make;
  useEffect(() => {
    if (request === null || begun.current) return;
    begun.current = true;
    begin(request);
  }, [request, begin]);

  /**
   * An applied plan with a line left to try stays under "Unfinished changes", also if its progress is
   * unknown. One that was only reviewed is removed, unless it was continued from there.
   */
  const close = (discard = false) => {
    const { progress } = run;
    if (step.at === "run" && progress && progress.applied > 0) flow.onDone?.();
    const over = step.at === "run" ? progress?.left === 0 : flow.kind !== "resume";
    if (step.at !== "choose" && (discard || over)) closePlan(step.plan.id);
    onClose();
  };
  const back = () => {
    if (step.at !== "review") return;
    if (request || flow.kind === "resume") close();
    else {
      closePlan(step.plan.id);
      apply.reset();
      setStep({ at: "choose" });
    }
  };
  const onProgress = useCallback(
    (running: boolean, progress: PlanProgress | undefined) => setRun({ running, progress }),
    [],
  );
  const locked = apply.isPending || (step.at === "run" && run.running);
  const problem = make.error ? asAppError(make.error) : null;
  const needsSync = step.at === "choose" && isSyncNeeded(problem) && make.variables !== undefined;
  /** Cancel and Escape: during a wait for a sync they lead back to the choice, which must not be lost. */
  const cancel = () => {
    if (needsSync && !request) make.reset();
    else close();
  };
  const chooseProps = {
    choice,
    onChoice: setChoice,
    busy: make.isPending,
    error: problem,
    onReview: (wanted: MembershipRequest) => make.mutate(wanted),
    onClose: () => close(),
  };

  return (
    <ModalFrame color={organization.color} locked={locked} onClose={cancel}>
      {step.at === "run" ? (
        <Run
          key="run"
          plan={step.plan}
          resumed={flow.kind === "resume" && flow.at === "run"}
          onProgress={onProgress}
          onClose={() => close()}
          onDiscard={() => close(true)}
        />
      ) : step.at === "review" ? (
        <Review
          key="review"
          plan={step.plan}
          busy={apply.isPending}
          error={apply.error ? asAppError(apply.error) : null}
          onApply={() => apply.mutate(step.plan)}
          onBack={back}
        />
      ) : isSyncNeeded(problem) && make.variables ? (
        <SyncFirst
          key={problem.code}
          error={problem}
          onSynced={() => {
            if (make.variables) make.mutate(make.variables);
          }}
          onClose={cancel}
        />
      ) : flow.kind === "addMembers" ? (
        <ChooseMembers key="choose" flow={flow} {...chooseProps} />
      ) : flow.kind === "editGroups" ? (
        <EditGroups key="choose" flow={flow} {...chooseProps} />
      ) : flow.kind === "selection" ? (
        <ChooseGroups key="choose" flow={flow} {...chooseProps} />
      ) : (
        <Making
          error={chooseProps.error}
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
function Making({ error, onRetry, onClose }: { error: AppError | null; onRetry: () => void; onClose: () => void }) {
  const { t } = useI18n();
  return (
    <DialogPane title={t("plan.review")} lead={error ? undefined : t("plan.reviewing")}>
      {error ? <ErrorAlert error={error} onRetry={onRetry} /> : <div className="lines" aria-hidden="true" />}
      <footer>
        <Button onPress={onClose}>{t("common.cancel")}</Button>
      </footer>
    </DialogPane>
  );
}
