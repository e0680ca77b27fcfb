// Owns the time while the browser is open: what is waited for, how to open it again, how to give up.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { useI18n } from "../../i18n";
import type { SessionView } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { Door } from "./Door";

export function Waiting({ view }: { view: Extract<SessionView, { kind: "waitingForBrowser" }> }) {
  const { t, rich } = useI18n();
  const commands = useCommands();
  const client = useQueryClient();
  const again = useMutation({ mutationFn: () => commands.sign_in_open_again() });
  const copy = useMutation({ mutationFn: () => commands.sign_in_copy_link() });
  const cancel = useMutation({
    mutationFn: () => commands.sign_in_cancel(),
    onSettled: () => client.invalidateQueries({ queryKey: keys.session }),
  });
  const thrown = cancel.error ?? copy.error ?? again.error;
  const problem = thrown ? asAppError(thrown) : view.problem;
  const lead = view.demo ? "waiting.leadDemo" : view.method === "microsoft" ? "waiting.leadMicrosoft" : "waiting.lead";
  return (
    <Door>
      <div role="status" aria-label={t("waiting.title")}>
        <h1>{t("waiting.title")}</h1>
        <p className="lead">{t(lead)}</p>
      </div>
      <div className="bar open" aria-hidden="true">
        <i />
      </div>
      {problem && <ErrorAlert error={problem} steps={false} />}
      {view.keep && !view.demo && <p className="note calm">{t("waiting.keep")}</p>}
      <label className="field">
        <span className="label">{t("waiting.link")}</span>
        <input className="input" readOnly value={view.link} onFocus={(event) => event.target.select()} />
      </label>
      <Button look="go" className="wide" busy={again.isPending} onPress={() => again.mutate()}>
        {t("waiting.openAgain")}
      </Button>
      <div className="pair">
        <Button busy={copy.isPending} onPress={() => copy.mutate()}>
          {t("waiting.copyLink")}
        </Button>
        <Button busy={cancel.isPending} onPress={() => cancel.mutate()}>
          {t("common.cancel")}
        </Button>
      </div>
      {!view.demo && (
        <p className="dim after">
          {rich("waiting.trouble", { uri: <code>{new URL(view.link).searchParams.get("redirect_uri")}</code> })}
        </p>
      )}
      <p className="dim after" aria-live="polite">
        {copy.isSuccess ? t("waiting.copied") : ""}
      </p>
    </Door>
  );
}
