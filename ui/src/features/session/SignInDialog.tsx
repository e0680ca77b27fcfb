// Owns a sign-in in front of an open organization: its dialog, and the bar that stays when it is postponed.
// Must never change what is behind it, which also gets the focus back.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { DialogPane, FOCUS_RESTORE_MS, ModalFrame } from "../../components/Dialog";
import { ErrorAlert } from "../../components/ErrorAlert";
import { UntrustedText } from "../../components/UntrustedText";
import { useDelayedCall } from "../../components/useDelayedCall";
import { useI18n } from "../../i18n";
import type { SessionView, SignInOverlay } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { completeListsReadAt, useSync } from "../shell/StatusBar";
import { SignInSteps } from "./SignInSteps";
import { InDialogContext } from "./StepHeader";

type SignedIn = Extract<SessionView, { kind: "signedIn" }>;

/** Whether the dialog is shown, and functions to show and postpone it. */
export function useSignInDialog({ overlay, workspace }: SignedIn) {
  const client = useQueryClient();
  const [postponed, setPostponed] = useState(false);
  const [requested, setRequested] = useState(false);
  const lists = useSync(workspace).data?.lists.kind;
  const reason = overlay?.reason ?? null;
  const [lastReason, setLastReason] = useState(reason);
  // Each time a session ends, the dialog is shown again.
  if (lastReason !== reason) {
    setLastReason(reason);
    setPostponed(false);
    setRequested(false);
  }
  // Lists from a saved copy are there to be read: the bar above them offers the sign-in, and no dialog comes
  // in front by itself.
  const deferred = !requested && (lists === undefined || lists === "saved") && overlay?.step.at === "form";
  return {
    expired: reason === "expired",
    isOpen: overlay !== null && !((postponed || deferred) && reason === "expired"),
    postpone: () => setPostponed(true),
    open: () => {
      setPostponed(false);
      setRequested(true);
      // The failed call may know of a change before this window does.
      client.invalidateQueries({ queryKey: queryKeys.session }).catch(() => undefined);
    },
  };
}

/**
 * Returns the focus to where it was before the session ended, however often the dialog was shown meanwhile.
 * React Aria returns it to what opened the dialog last, which may be the bar, which is gone by then.
 */
export function useRestoreFocus(overlay: SignInOverlay | null, focusFallback: () => void): void {
  const last = useRef<HTMLElement | null>(null);
  const fallback = useRef(focusFallback);
  const later = useDelayedCall(FOCUS_RESTORE_MS);
  const open = overlay !== null;
  useEffect(() => {
    fallback.current = focusFallback;
  });
  useEffect(() => {
    if (open) return;
    const remember = ({ target }: FocusEvent) => {
      last.current = target instanceof HTMLElement ? target : null;
    };
    document.addEventListener("focusin", remember);
    return () => document.removeEventListener("focusin", remember);
  }, [open]);
  useEffect(() => {
    if (!open) return;
    return () => {
      const target = last.current;
      later(() => {
        if (document.activeElement !== document.body) return;
        if (target?.isConnected) target.focus();
        else fallback.current();
      });
    };
  }, [open, later]);
}

export function SignInDialog({
  view,
  overlay,
  onPostpone,
}: {
  view: SignedIn;
  overlay: SignInOverlay;
  onPostpone: () => void;
}) {
  const { t, rich } = useI18n();
  const commands = useCommands();
  const client = useQueryClient();
  const close = useMutation({
    mutationFn: () => commands.sign_in_close(),
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.session }),
  });
  const { step } = overlay;
  const expired = overlay.reason === "expired";
  const { email } = view.person;
  const name = (
    <b>
      <UntrustedText text={email} />
    </b>
  );
  // The dialog itself says that the session has ended.
  const shownStep =
    expired && step.at === "form" && step.problem?.code === "sessionEnded" ? { ...step, problem: null } : step;
  const leave = () => {
    if (expired) onPostpone();
    else if (!close.isPending) close.mutate();
  };
  return (
    <ModalFrame
      color={view.organization.color}
      narrow
      // A sign-in under way is cancelled by its own button, not by accident.
      locked={step.at !== "form" || close.isPending}
      onClose={leave}
    >
      <DialogPane
        title={t(expired ? "signInDialog.expiredTitle" : "signInDialog.addTitle")}
        lead={rich(expired ? "signInDialog.expiredLead" : "signInDialog.addLead", { email: name })}
      >
        <div className="body">
          <div className="card">
            {close.error && <ErrorAlert error={asAppError(close.error)} showNextStep={false} />}
            <InDialogContext value={true}>
              <SignInSteps step={shownStep} demo={expired && view.demo} />
            </InDialogContext>
          </div>
        </div>
        {step.at !== "finishing" && (
          <footer>
            {expired ? (
              <Button onPress={onPostpone}>{t("signInDialog.notNow")}</Button>
            ) : (
              <Button aria-label={t("signInDialog.back", { email })} isPending={close.isPending} onPress={leave}>
                <span className="truncate">{rich("signInDialog.back", { email: <UntrustedText text={email} /> })}</span>
              </Button>
            )}
          </footer>
        )}
      </DialogPane>
    </ModalFrame>
  );
}

/** Shown while the sign-in is postponed: the age of the lists, and the button to sign in. */
export function SessionExpiredBanner({ view, onSignIn }: { view: SignedIn; onSignIn: () => void }) {
  const { t, format } = useI18n();
  const sync = useSync(view.workspace).data;
  const at = completeListsReadAt(sync);
  return (
    <div className="banner expired" role="status">
      <span>{at === null ? t("expired.barUnread") : t("expired.bar", { when: format.clock(at, Date.now()) })}</span>
      <Button small onPress={onSignIn}>
        {t("error.signIn")}
      </Button>
    </div>
  );
}
