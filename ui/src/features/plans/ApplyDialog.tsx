// Owns the third step: the writing with its progress, then a result for each line. Must never close while
// something is written.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useId, useState } from "react";
import { Button } from "../../components/Button";
import { DialogPane } from "../../components/Dialog";
import { ErrorAlert } from "../../components/ErrorAlert";
import { useI18n } from "../../i18n";
import type { PlanProgress, PlanView } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { useShell } from "../shell/context";
import { PlanLines } from "./PlanLines";
import { usePlanLead } from "./ReviewDialog";

/** Events report progress; this interval in milliseconds catches a missed one. */
const POLL_INTERVAL_MS = 1_000;

export function ApplyDialog({
  plan,
  resumed = false,
  onProgress,
  onClose,
  onDiscard,
}: {
  plan: PlanView;
  /** A paused run that is opened again shows its results so far, line by line. */
  resumed?: boolean;
  onProgress: (running: boolean, progress: PlanProgress | undefined) => void;
  onClose: () => void;
  onDiscard: () => void;
}) {
  const commands = useCommands();
  const { workspace } = useShell();
  const { id } = plan;
  const query = useQuery({
    queryKey: [...queryKeys.plan(id), "progress"],
    queryFn: () => commands.plan_progress({ workspace, id }),
    refetchInterval: ({ state }) => (state.data?.state === "finished" || state.error ? false : POLL_INTERVAL_MS),
  });
  const progress = query.data;
  const failure = query.error ? asAppError(query.error) : null;
  const idle = progress?.state === "finished" || (resumed && progress?.state === "paused" && progress.waiting === null);
  const running = failure === null && !idle;
  useEffect(() => onProgress(running, progress), [running, progress, onProgress]);

  if (failure && !idle)
    return <ProgressUnavailable plan={plan} error={failure} onRetry={() => query.refetch()} onClose={onClose} />;
  return progress && idle ? (
    <ApplyResults
      plan={plan}
      progress={progress}
      onClose={onClose}
      onDiscard={onDiscard}
      onStateChange={() => query.refetch()}
    />
  ) : (
    <ApplyProgress plan={plan} progress={progress} onStateChange={() => query.refetch()} />
  );
}

function ProgressUnavailable({
  plan,
  error,
  onRetry,
  onClose,
}: {
  plan: PlanView;
  error: ReturnType<typeof asAppError>;
  onRetry: () => void;
  onClose: () => void;
}) {
  const { t } = useI18n();
  const lead = usePlanLead(plan);
  return (
    <DialogPane title={t("plan.applying")} lead={lead}>
      <ErrorAlert error={error} onRetry={onRetry} />
      <footer>
        <Button onPress={onClose}>{t("common.close")}</Button>
      </footer>
    </DialogPane>
  );
}

function ApplyProgress({
  plan,
  progress,
  onStateChange,
}: {
  plan: PlanView;
  progress: PlanProgress | undefined;
  onStateChange: () => void;
}) {
  const { t, error: errorText } = useI18n();
  const commands = useCommands();
  const { workspace } = useShell();
  const lead = usePlanLead(plan);
  const { id } = plan;
  const total = progress?.total ?? plan.checked;
  const done = progress?.done ?? 0;
  const waiting = progress?.waiting ?? null;
  const paused = progress?.state === "paused" && waiting === null;
  const pauseOrResume = useMutation({
    mutationFn: () => (paused ? commands.plan_resume({ workspace, id }) : commands.plan_pause({ workspace, id })),
    onSettled: onStateChange,
  });
  const stop = useMutation({ mutationFn: () => commands.plan_stop({ workspace, id }), onSettled: onStateChange });
  const resume = useMutation({ mutationFn: () => commands.plan_resume({ workspace, id }), onSettled: onStateChange });
  const error = stop.error ?? pauseOrResume.error ?? resume.error;
  const stopping = stop.isPending || stop.isSuccess || progress?.state === "stopping";
  return (
    <DialogPane title={t("plan.applying")} lead={lead}>
      <div className="apply-progress">
        <div
          className="progress"
          role="progressbar"
          aria-label={t("plan.applying")}
          aria-valuemin={0}
          aria-valuemax={total}
          aria-valuenow={done}
        >
          <i style={{ width: `${total === 0 ? 0 : (done / total) * 100}%` }} />
        </div>
        <div className="progress-labels tabular-nums">
          <span>{t("plan.progress", { done, total })}</span>
          <span>
            {stopping
              ? t("plan.stopping")
              : paused
                ? t("plan.paused")
                : progress && progress.failed > 0
                  ? t("plan.failedSoFar", { n: progress.failed })
                  : ""}
          </span>
        </div>
        <div role="status">
          {waiting?.code === "sessionEnded" && !stopping && <ErrorAlert error={waiting} />}
          {waiting && !stopping && (
            <p className="note">
              {waiting.code === "sessionEnded"
                ? t("plan.waitingSignIn")
                : t("plan.waiting", { reason: errorText(waiting).title })}
            </p>
          )}
        </div>
        <p className="secondary">{t("plan.applyingLead")}</p>
        {error && <ErrorAlert error={asAppError(error)} />}
      </div>
      <footer>
        {waiting && !stopping && (
          <Button isPending={resume.isPending} onPress={() => resume.mutate()}>
            {t("plan.tryNow")}
          </Button>
        )}
        <Button isPending={pauseOrResume.isPending} isDisabled={stopping} onPress={() => pauseOrResume.mutate()}>
          {paused ? t("plan.resume") : t("plan.pause")}
        </Button>
        <Button variant="danger" isPending={stopping} onPress={() => stop.mutate()}>
          {t("plan.stop")}
        </Button>
      </footer>
    </DialogPane>
  );
}

function ApplyResults({
  plan,
  progress,
  onClose,
  onDiscard,
  onStateChange,
}: {
  plan: PlanView;
  progress: PlanProgress;
  onClose: () => void;
  onDiscard: () => void;
  onStateChange: () => void;
}) {
  const { t, error } = useI18n();
  const commands = useCommands();
  const { workspace } = useShell();
  const lead = usePlanLead(plan);
  const [failedOnly, setFailedOnly] = useState(progress.failed > 0);
  const retry = useMutation({
    mutationFn: () =>
      progress.state === "paused"
        ? commands.plan_resume({ workspace, id: plan.id })
        : commands.plan_apply({ workspace, id: plan.id }),
    onSettled: onStateChange,
  });
  const report = useMutation({ mutationFn: () => commands.plan_report({ workspace, id: plan.id }) });
  const untried = progress.total - progress.done;
  const { left } = progress;
  const leftNoteId = useId();
  const title =
    progress.state === "paused"
      ? t("plan.paused")
      : untried > 0
        ? t("plan.doneTitleStopped")
        : progress.failed > 0
          ? t("plan.doneTitleFailed")
          : t("plan.doneTitle");
  const showFailedOnly = failedOnly && progress.failed > 0;
  return (
    <DialogPane title={title} lead={lead}>
      <div className="outcome">
        <div className="big tabular-nums" role="status">
          {t("plan.outcome", { applied: progress.applied, failed: progress.failed })}
        </div>
        {progress.unchanged > 0 && (
          <p className="secondary tabular-nums">{t("plan.unchanged", { n: progress.unchanged })}</p>
        )}
        {progress.blocked > 0 && <p className="secondary tabular-nums">{t("plan.blocked", { n: progress.blocked })}</p>}
        {untried > 0 && (
          <p className="secondary tabular-nums">
            {progress.stopped
              ? t("plan.untriedBecause", { n: untried, reason: error(progress.stopped).title })
              : t("plan.untried", { n: untried })}
          </p>
        )}
        {progress.changedMeanwhile > 0 && (
          <p className="note">{t("plan.meanwhile", { n: progress.changedMeanwhile })}</p>
        )}
        {left > 0 && (
          <div className="button-row">
            <p id={leftNoteId} className="tabular-nums">
              {t(progress.stored ? "plan.stays" : "plan.staysInMemory", { n: left })}
            </p>
            {/* A paused plan can't be discarded: it is stopped first. */}
            {progress.state === "finished" && (
              <Button
                variant="quiet"
                small
                aria-describedby={leftNoteId}
                tooltip={progress.applied > 0 ? t("unfinished.stays") : undefined}
                isDisabled={retry.isPending}
                onPress={onDiscard}
              >
                {t("unfinished.discard")}
              </Button>
            )}
          </div>
        )}
        {progress.failed > 0 && (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame of its own.
          <div className="button-row" role="group" aria-label={t("plan.show")}>
            <span className="segmented">
              <Button variant="quiet" aria-pressed={showFailedOnly} onPress={() => setFailedOnly(true)}>
                {t("plan.showFailed")}
              </Button>
              <Button variant="quiet" aria-pressed={!showFailedOnly} onPress={() => setFailedOnly(false)}>
                {t("plan.showAll")}
              </Button>
            </span>
          </div>
        )}
      </div>
      {retry.error && <ErrorAlert error={asAppError(retry.error)} />}
      {report.error && <ErrorAlert error={asAppError(report.error)} onRetry={() => report.mutate()} />}
      <PlanLines
        plan={plan}
        count={showFailedOnly ? progress.failed : plan.lines}
        results
        failedOnly={showFailedOnly}
        stopped={progress.stopped}
      />
      <footer>
        <p className="saved" aria-live="polite">
          {report.data ? t("plan.reportSaved", { path: report.data }) : ""}
        </p>
        <Button isPending={report.isPending} onPress={() => report.mutate()}>
          {t("plan.report")}
        </Button>
        {progress.failed > 0 && progress.state !== "paused" ? (
          <Button isPending={retry.isPending} onPress={() => retry.mutate()}>
            {t("plan.retry")}
          </Button>
        ) : (
          untried > 0 && (
            <Button
              variant={progress.state === "paused" ? "primary" : "plain"}
              isPending={retry.isPending}
              onPress={() => retry.mutate()}
            >
              {t("plan.rest")}
            </Button>
          )
        )}
        <Button
          variant={progress.state === "paused" ? "plain" : "primary"}
          {...(left > 0 ? { "aria-describedby": leftNoteId } : {})}
          onPress={onClose}
        >
          {t("common.close")}
        </Button>
      </footer>
    </DialogPane>
  );
}
