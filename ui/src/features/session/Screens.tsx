// Owns the short screens around a sign-in: starting, an unusable setting, a stored sign-in that can't be
// restored now. Must never present a stored sign-in as lost.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { useI18n } from "../../i18n";
import type { AppError } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { IndeterminateBar } from "./IndeterminateBar";
import { isKeychainError } from "./keychain";
import { SignInLayout } from "./SignInLayout";

export function Starting() {
  const { t } = useI18n();
  return (
    <SignInLayout>
      <div role="status" aria-label={t("app.starting")}>
        <h1>{t("app.name")}</h1>
      </div>
      <p className="lead">{t("app.starting")}</p>
      <IndeterminateBar label={t("app.starting")} />
    </SignInLayout>
  );
}

export function Unusable({ problem }: { problem: AppError }) {
  const { t } = useI18n();
  return (
    <SignInLayout>
      <h1>{t("unusable.title")}</h1>
      <div className="gap-above">
        <ErrorAlert error={problem} showNextStep={false} />
      </div>
    </SignInLayout>
  );
}

/** Why a start with the saved sign-in failed: only a server without an answer counts as unreachable. */
function startFailure(problem: AppError) {
  if (isKeychainError(problem)) {
    return "unreachable.keychainTitle";
  }
  switch (problem.code) {
    case "offline":
    case "timedOut":
    case "proxyAuthRequired":
    case "certificateUntrusted":
    case "portalInTheWay":
    case "rateLimited":
    case "serverFailed":
      return "unreachable.title";
    default:
      return "unreachable.failedTitle";
  }
}

export function Unreachable({ problem }: { problem: AppError }) {
  const { t } = useI18n();
  const commands = useCommands();
  const client = useQueryClient();
  const fresh = () => client.invalidateQueries({ queryKey: queryKeys.session });
  const retry = useMutation({ mutationFn: () => commands.session_retry(), onSettled: fresh });
  const leave = useMutation({ mutationFn: () => commands.sign_out(), onSettled: fresh });
  const thrown = retry.error ?? leave.error;
  return (
    <SignInLayout>
      <h1>{t(startFailure(problem))}</h1>
      <div className="gap-above">
        <ErrorAlert error={thrown ? asAppError(thrown) : problem} onRetry={() => retry.mutate()} />
      </div>
      <Button variant="quiet" isPending={leave.isPending} onPress={() => leave.mutate()}>
        {t("unreachable.signOut")}
      </Button>
    </SignInLayout>
  );
}

/** Rust did not answer at all: a bug, and the screen says so. */
export function Broken({ error, onRetry }: { error: AppError; onRetry: () => void }) {
  const { t } = useI18n();
  return (
    <SignInLayout>
      <h1>{t("app.name")}</h1>
      <div className="gap-above">
        <ErrorAlert error={error} onRetry={onRetry} />
      </div>
    </SignInLayout>
  );
}
