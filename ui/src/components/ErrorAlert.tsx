// Owns how failures are shown: what happened, what to do next, one button for that step, the server's own
// words behind "Details". Must never branch on an error's text, only on its code.

import { createContext, type ReactNode, useContext, useState } from "react";
import { useI18n } from "../i18n";
import type { AppError, WorkspaceId } from "../ipc/bindings";
import { useCommands } from "../ipc/client";
import { asAppError } from "../ipc/errors";
import { Button } from "./Button";
import { UntrustedText } from "./UntrustedText";

/**
 * What an alert can do in an open organization; null if none is open. Without one, signing out leads to a
 * sign-in.
 */
export const OpenOrganizationContext = createContext<{
  workspace: WorkspaceId;
  /** Opens the sign-in in front of the organization. */
  signIn: () => void;
  sessionEnded: boolean;
} | null>(null);

type Props = {
  error: AppError;
  onRetry?: (() => void) | undefined;
  onDismiss?: (() => void) | undefined;
  /** False if the next step is on the screen already, for example in the sign-in form. */
  showNextStep?: boolean;
  /** A step that only the alert's place can offer. */
  action?: ReactNode;
};

export function ErrorAlert({ error, onRetry, onDismiss, showNextStep = true, action }: Props) {
  const i18n = useI18n();
  const commands = useCommands();
  const open = useContext(OpenOrganizationContext);
  const [actionError, setActionError] = useState<AppError | null>(null);
  const shown = actionError ?? error;
  const text = i18n.error(shown);
  const needed = open?.sessionEnded ?? false;
  const [asked, setAsked] = useState(needed);
  if (needed && !asked) setAsked(true);
  // The sign-in that it asked for was done meanwhile.
  if (shown.code === "sessionEnded" && asked && !needed) return null;

  const run = (work: () => Promise<void>) => {
    setActionError(null);
    work().catch((refusal: unknown) => setActionError(asAppError(refusal)));
  };
  const step = () => {
    switch (shown.code) {
      case "sessionEnded":
      case "signedOut":
        return (
          <Button onPress={open?.signIn ?? (() => run(() => commands.sign_out()))}>{i18n.t("error.signIn")}</Button>
        );
      case "outcomeUnknown":
      case "groupGone":
      case "userGone":
      case "directoryNotRead":
        return open ? (
          <Button onPress={() => run(() => commands.sync_start({ workspace: open.workspace }))}>
            {i18n.t("error.sync")}
          </Button>
        ) : null;
      default:
        return onRetry ? <Button onPress={onRetry}>{i18n.t("common.retry")}</Button> : null;
    }
  };

  return (
    <div className="alert" role="alert">
      <strong>{text.title}</strong>
      <span>{text.next}</span>
      {(shown.detail || shown.requestId) && (
        <details>
          <summary>{i18n.t("common.details")}</summary>
          {shown.detail && (
            <p>
              <UntrustedText text={shown.detail} maxLength={500} />
            </p>
          )}
          {shown.requestId && <p>{i18n.t("common.requestId", { id: shown.requestId })}</p>}
        </details>
      )}
      {(showNextStep || onDismiss || action) && (
        <div className="alert-actions">
          {action}
          {showNextStep && step()}
          {onDismiss && (
            <Button variant="quiet" onPress={onDismiss}>
              {i18n.t("common.dismiss")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
