// Owns which step of a sign-in is shown, on a page or in a dialog; the steps don't know which. Must never
// decide the next step: Rust does.
import { useEffect, useRef } from "react";
import type { SignInStep } from "../../ipc/bindings";
import { Finishing } from "./Finishing";
import { Pairing } from "./Pairing";
import { SignIn } from "./SignIn";
import { WaitingForBrowser } from "./WaitingForBrowser";

function Step({ step, demo }: { step: SignInStep; demo: boolean }) {
  switch (step.at) {
    case "form":
      return <SignIn form={step.form} problem={step.problem} demo={demo} />;
    case "waitingForBrowser":
      return <WaitingForBrowser step={step} />;
    case "pairing":
      return <Pairing step={step} />;
    case "finishing":
      return <Finishing />;
  }
}

export function SignInSteps({ step, demo = false }: { step: SignInStep; demo?: boolean }) {
  const root = useRef<HTMLDivElement>(null);
  const before = useRef(step.at);
  // The pressed button disappears with its step: without this, nothing would have the focus.
  useEffect(() => {
    if (before.current === step.at) return;
    before.current = step.at;
    if (document.activeElement === null || document.activeElement === document.body) root.current?.focus();
  }, [step.at]);
  return (
    <div ref={root} className="sign-in-step" tabIndex={-1}>
      <Step step={step} demo={demo} />
    </div>
  );
}
