// Owns the short screens around a sign-in: starting, finishing, a setting that can't be used, a server that can't be reached.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { useI18n } from "../../i18n";
import type { AppError } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { Door } from "./Door";

function OpenBar({ label }: { label: string }) {
  return (
    <div className="bar open" role="progressbar" aria-label={label}>
      <i />
    </div>
  );
}

export function Starting() {
  const { t } = useI18n();
  return (
    <Door>
      <div role="status" aria-label={t("app.starting")}>
        <h1>{t("app.name")}</h1>
      </div>
      <p className="lead">{t("app.starting")}</p>
      <OpenBar label={t("app.starting")} />
    </Door>
  );
}

export function Finishing() {
  const { t } = useI18n();
  const commands = useCommands();
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => commands.sign_in_cancel(),
    onSettled: () => client.invalidateQueries({ queryKey: keys.session }),
  });
  return (
    <Door>
      <div role="status" aria-label={t("finishing.title")}>
        <h1>{t("finishing.title")}</h1>
        <p className="lead">{t("finishing.lead")}</p>
      </div>
      <OpenBar label={t("finishing.title")} />
      {cancel.error && <ErrorAlert error={asAppError(cancel.error)} steps={false} />}
      <div className="row-of-buttons after">
        <Button busy={cancel.isPending} onPress={() => cancel.mutate()}>
          {t("common.cancel")}
        </Button>
      </div>
    </Door>
  );
}

export function Unusable({ problem }: { problem: AppError }) {
  const { t } = useI18n();
  return (
    <Door>
      <h1>{t("unusable.title")}</h1>
      <div className="after">
        <ErrorAlert error={problem} steps={false} />
      </div>
    </Door>
  );
}

export function Unreachable({ problem }: { problem: AppError }) {
  const { t } = useI18n();
  const commands = useCommands();
  const client = useQueryClient();
  const fresh = () => client.invalidateQueries({ queryKey: keys.session });
  const retry = useMutation({ mutationFn: () => commands.session_retry(), onSettled: fresh });
  const leave = useMutation({ mutationFn: () => commands.sign_out(), onSettled: fresh });
  const thrown = retry.error ?? leave.error;
  return (
    <Door>
      <h1>{t("unreachable.title")}</h1>
      <div className="after">
        <ErrorAlert error={thrown ? asAppError(thrown) : problem} onRetry={() => retry.mutate()} />
      </div>
      <Button look="quiet" busy={leave.isPending} onPress={() => leave.mutate()}>
        {t("unreachable.signOut")}
      </Button>
    </Door>
  );
}

/** Nothing came from Rust at all: a bug, said plainly. */
export function Broken({ error, onRetry }: { error: AppError; onRetry: () => void }) {
  const { t } = useI18n();
  return (
    <Door>
      <h1>{t("app.name")}</h1>
      <div className="after">
        <ErrorAlert error={error} onRetry={onRetry} />
      </div>
    </Door>
  );
}
