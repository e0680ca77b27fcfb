// Owns the road every change of memberships takes: choose, review, apply, results; one window all the way.
// Must never write what was not reviewed, and never be closed by accident while writing.
import { useMutation } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { DialogPane, ModalFrame } from "../../components/Dialog";
import { ErrorAlert } from "../../components/ErrorAlert";
import { useI18n } from "../../i18n";
import type { AppError, MembershipRequest, PlanView } from "../../ipc/bindings";
import { useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { useShell } from "../shell/context";
import { ChooseGroups, ChooseMembers, EditGroups, firstChoice } from "./Choose";
import type { Flow } from "./flow";
import { Review } from "./Review";
import { Run } from "./Run";

type Step = { at: "choose" } | { at: "review"; plan: PlanView } | { at: "run"; plan: PlanView };

export function MembershipDialog({ flow, onClose }: { flow: Flow; onClose: () => void }) {
  const { organization } = useShell();
  const commands = useCommands();
  const [step, setStep] = useState<Step>({ at: "choose" });
  const [choice, setChoice] = useState(() => firstChoice(flow));
  const [running, setRunning] = useState(false);

  const make = useMutation({
    mutationFn: (request: MembershipRequest) => commands.plan_make({ organization: organization.id, request }),
    onSuccess: (plan) => setStep({ at: "review", plan }),
  });
  const apply = useMutation({
    mutationFn: (plan: PlanView) => commands.plan_apply({ id: plan.id }),
    onSuccess: (_, plan) => {
      setRunning(true);
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

  const forget = (plan: PlanView) => {
    // A plan left behind dies with the organization's session at the latest.
    commands.plan_close({ id: plan.id }).catch(() => undefined);
  };
  const close = () => {
    if (step.at !== "choose") forget(step.plan);
    onClose();
  };
  const back = () => {
    if (step.at !== "review") return;
    if (request) close();
    else {
      forget(step.plan);
      apply.reset();
      setStep({ at: "choose" });
    }
  };
  const onRunning = useCallback((now: boolean) => setRunning(now), []);
  const locked = apply.isPending || (step.at === "run" && running);
  const chooseProps = {
    choice,
    onChoice: setChoice,
    busy: make.isPending,
    error: make.error ? asAppError(make.error) : null,
    onReview: (wanted: MembershipRequest) => make.mutate(wanted),
    onClose: close,
  };

  return (
    <ModalFrame color={organization.color} locked={locked} onClose={close}>
      {step.at === "run" ? (
        <Run
          key="run"
          plan={step.plan}
          onRunning={onRunning}
          onClose={(applied) => {
            if (applied > 0) flow.onDone?.();
            close();
          }}
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
          onClose={close}
        />
      )}
    </ModalFrame>
  );
}

/** Where nothing is to be chosen: the plan is being worked out, or could not be. */
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
