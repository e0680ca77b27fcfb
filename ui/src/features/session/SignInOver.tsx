// Owns a sign-in in front of an open organization: its dialog, and the bar that stays when it is postponed.
// Must never change what is behind it, which also gets the focus back.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { AFTER_CLOSE, DialogPane, ModalFrame } from "../../components/Dialog";
import { ErrorAlert } from "../../components/ErrorAlert";
import { Foreign } from "../../components/Foreign";
import { useLater } from "../../components/useLater";
import { useI18n } from "../../i18n";
import type { SignInOver as Over, SessionView } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { useSync, wholeAt } from "../shell/Foot";
import { SignInSteps } from "./SignInSteps";
import { InDialog } from "./StepHead";

type SignedIn = Extract<SessionView, { kind: "signedIn" }>;

/** Whether the dialog is shown, and functions to show and postpone it. */
export function useSignInOver({ over, workspace }: SignedIn) {
  const client = useQueryClient();
  const [away, setAway] = useState(false);
  const [asked, setAsked] = useState(false);
  const lists = useSync(workspace).data?.lists.kind;
  const reason = over?.reason ?? null;
  const [before, setBefore] = useState(reason);
  // Each time a session ends, the dialog is shown again.
  if (before !== reason) {
    setBefore(reason);
    setAway(false);
    setAsked(false);
  }
  // Lists from a saved copy are there to be read: the bar above them offers the sign-in, and no dialog comes
  // in front by itself.
  const quiet = !asked && (lists === undefined || lists === "saved") && over?.step.at === "form";
  return {
    expired: reason === "expired",
    shown: over !== null && !((away || quiet) && reason === "expired"),
    putOff: () => setAway(true),
    show: () => {
      setAway(false);
      setAsked(true);
      // The failed call may know of a change before this window does.
      client.invalidateQueries({ queryKey: keys.session }).catch(() => undefined);
    },
  };
}

/**
 * Returns the focus to where it was before the session ended, however often the dialog was shown meanwhile.
 * React Aria returns it to what opened the dialog last, which may be the bar, which is gone by then.
 */
export function useFocusKept(over: Over | null, otherwise: () => void): void {
  const last = useRef<HTMLElement | null>(null);
  const fallback = useRef(otherwise);
  const later = useLater(AFTER_CLOSE);
  const open = over !== null;
  useEffect(() => {
    fallback.current = otherwise;
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

export function SignInOver({ view, over, onPutOff }: { view: SignedIn; over: Over; onPutOff: () => void }) {
  const { t, rich } = useI18n();
  const commands = useCommands();
  const client = useQueryClient();
  const close = useMutation({
    mutationFn: () => commands.sign_in_close(),
    onSettled: () => client.invalidateQueries({ queryKey: keys.session }),
  });
  const { step } = over;
  const expired = over.reason === "expired";
  const { email } = view.person;
  const name = (
    <b>
      <Foreign text={email} />
    </b>
  );
  // The dialog itself tells that the session has ended.
  const shown =
    expired && step.at === "form" && step.problem?.code === "sessionEnded" ? { ...step, problem: null } : step;
  const leave = () => {
    if (expired) onPutOff();
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
        title={t(expired ? "over.expiredTitle" : "over.addTitle")}
        lead={rich(expired ? "over.expiredLead" : "over.addLead", { email: name })}
      >
        <div className="body">
          <div className="card">
            {close.error && <ErrorAlert error={asAppError(close.error)} steps={false} />}
            <InDialog value={true}>
              <SignInSteps step={shown} demo={expired && view.demo} />
            </InDialog>
          </div>
        </div>
        {step.at !== "finishing" && (
          <footer>
            {expired ? (
              <Button onPress={onPutOff}>{t("over.notNow")}</Button>
            ) : (
              <Button aria-label={t("over.back", { email })} busy={close.isPending} onPress={leave}>
                <span className="cut">{rich("over.back", { email: <Foreign text={email} /> })}</span>
              </Button>
            )}
          </footer>
        )}
      </DialogPane>
    </ModalFrame>
  );
}

/** Shown while the sign-in is postponed: the age of the lists, and the button to sign in. */
export function ExpiredBar({ view, onAgain }: { view: SignedIn; onAgain: () => void }) {
  const { t, format } = useI18n();
  const sync = useSync(view.workspace).data;
  const at = wholeAt(sync);
  return (
    <div className="banner expired" role="status">
      <span>{at === null ? t("expired.barUnread") : t("expired.bar", { when: format.clock(at, Date.now()) })}</span>
      <Button small onPress={onAgain}>
        {t("error.signIn")}
      </Button>
    </div>
  );
}
