// Owns the screen of a pairing code: the code, its QR code, where to enter it, how long it is valid. Must
// never end the wait by itself: Rust knows when the code has expired.

import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { copyText } from "../../components/copyText";
import { ErrorAlert } from "../../components/ErrorAlert";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import { sanitizeForDisplay } from "../../i18n/sanitize";
import type { SignInStep } from "../../ipc/bindings";
import { useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { QrCodeImage } from "./QrCodeImage";
import { StepHeader } from "./StepHeader";
import { useCancelSignIn } from "./useCancelSignIn";

/** The code in short parts for reading; joined they are the code again. */
export function codeGroups(code: string): string[] {
  if (!/^[A-Za-z0-9]{5,}$/.test(code)) return [code];
  const size = code.length % 4 !== 0 && code.length % 3 === 0 ? 3 : 4;
  return code.match(new RegExp(`.{1,${size}}`, "g")) ?? [code];
}

function TimeLeft({ until }: { until: number }) {
  const { t, format } = useI18n();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const left = until - now;
  return (
    <>
      <p className="secondary tabular-nums" aria-hidden="true">
        {left > 0 ? t("pairing.left", { time: format.span(left) }) : t("pairing.ranOut")}
      </p>
      {/* Announced once a minute, not each second. */}
      <p className="visually-hidden" aria-live="polite">
        {left > 0 ? t("pairing.minutesLeft", { n: Math.ceil(left / 60_000) }) : t("pairing.ranOut")}
      </p>
    </>
  );
}

export function Pairing({ step }: { step: Extract<SignInStep, { at: "pairing" }> }) {
  const { t, rich } = useI18n();
  const commands = useCommands();
  const code = useRef<HTMLOutputElement>(null);
  const again = useMutation({ mutationFn: () => commands.sign_in_open_again() });
  const copy = useMutation({ mutationFn: () => copyText(step.code, code.current) });
  const cancel = useCancelSignIn();
  const thrown = cancel.error ?? again.error;
  const problem = thrown ? asAppError(thrown) : step.problem;
  return (
    <>
      <StepHeader
        status
        title={t("pairing.title")}
        lead={rich("pairing.lead", {
          link: (
            <b className="address selectable">
              <UntrustedText text={step.link} />
            </b>
          ),
        })}
      />
      {problem && <ErrorAlert error={problem} showNextStep={false} />}
      <div className="pairing">
        <QrCodeImage code={step.qr} label={t("pairing.qr")} />
        <div className="pairing-code">
          <span className="secondary" aria-hidden="true">
            {t("pairing.code")}
          </span>
          <output ref={code} className="code selectable" aria-label={t("pairing.code")}>
            <bdi>
              {codeGroups(sanitizeForDisplay(step.code)).map((part, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a code never change places.
                <span key={index}>{part}</span>
              ))}
            </bdi>
          </output>
          <Button small isPending={copy.isPending} onPress={() => copy.mutate()}>
            {t("pairing.copy")}
          </Button>
          <TimeLeft until={step.expiresAt} />
          <p className="secondary" aria-live="polite">
            {copy.isSuccess ? t("pairing.copied") : copy.isError ? t("pairing.copyFailed") : ""}
          </p>
        </div>
      </div>
      <div className="note neutral">
        <p>{t("pairing.app", { app: t("app.name") })}</p>
        {step.keep && <p>{t("waiting.keep")}</p>}
      </div>
      <div className="button-pair">
        <Button isPending={again.isPending} onPress={() => again.mutate()}>
          {t("pairing.open")}
        </Button>
        <Button isPending={cancel.isPending} onPress={() => cancel.mutate()}>
          {t("common.cancel")}
        </Button>
      </div>
    </>
  );
}
