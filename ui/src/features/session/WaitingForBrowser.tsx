// Owns the screen while the browser is open: what is waited for, how to open it again, how to cancel. Must
// never end the wait by itself.

import { useMutation } from "@tanstack/react-query";
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import type { AppError, SignInStep } from "../../ipc/bindings";
import { useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { StepHeader } from "./StepHeader";
import { useCancelSignIn } from "./useCancelSignIn";

function redirectOf(link: string): string {
  return URL.canParse(link) ? (new URL(link).searchParams.get("redirect_uri") ?? "") : "";
}

function isUnopened(error: AppError | null): boolean {
  switch (error?.code) {
    case "browserFailed":
    case "browserOpenerMissing":
    case "browserOpenerFailed":
      return true;
    default:
      return false;
  }
}

export function WaitingForBrowser({ step }: { step: Extract<SignInStep, { at: "waitingForBrowser" }> }) {
  const { t, rich } = useI18n();
  const commands = useCommands();
  const again = useMutation({ mutationFn: () => commands.sign_in_open_again() });
  const copy = useMutation({ mutationFn: () => commands.sign_in_copy_link() });
  const cancel = useCancelSignIn();
  const openAgain = () => {
    copy.reset();
    again.mutate();
  };
  const thrown = cancel.error ?? copy.error ?? again.error;
  const problem = thrown ? asAppError(thrown) : step.problem;
  const unopened = isUnopened(step.problem);
  const page = step.demo ? "waiting.leadDemo" : step.method === "microsoft" ? "waiting.leadMicrosoft" : "waiting.lead";
  return (
    <>
      <StepHeader status title={t("waiting.title")} lead={t(unopened ? "waiting.leadUnopened" : page)} />
      {!unopened && (
        <div className="progress indeterminate" aria-hidden="true">
          <i />
        </div>
      )}
      {problem && <ErrorAlert error={problem} showNextStep={false} />}
      {(step.receiver === "appLink" || (step.keep && !step.demo)) && (
        <div className="note neutral">
          {step.receiver === "appLink" && <p>{t("waiting.appLink")}</p>}
          {step.keep && !step.demo && <p>{t("waiting.keep")}</p>}
        </div>
      )}
      <label className="field">
        <span className="label">{t("waiting.link")}</span>
        <input className="input" readOnly value={step.link} onFocus={(event) => event.target.select()} />
      </label>
      <Button variant="primary" className="wide" isPending={again.isPending} onPress={openAgain}>
        {t("waiting.openAgain")}
      </Button>
      <div className="button-pair">
        <Button isPending={copy.isPending} onPress={() => copy.mutate()}>
          {t("waiting.copyLink")}
        </Button>
        <Button isPending={cancel.isPending} onPress={() => cancel.mutate()}>
          {t("common.cancel")}
        </Button>
      </div>
      {!step.demo && (
        <p className="secondary gap-above">
          {rich("waiting.trouble", {
            uri: (
              <code>
                <UntrustedText text={redirectOf(step.link)} />
              </code>
            ),
          })}
        </p>
      )}
      <p className="secondary gap-above" aria-live="polite">
        {copy.isSuccess ? t("waiting.copied") : ""}
      </p>
    </>
  );
}
