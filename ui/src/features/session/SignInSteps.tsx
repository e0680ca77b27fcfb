// Owns which step of a sign-in is shown. It stands on a page of its own or in a dialog: the steps don't know which.
// Must never decide what comes next; Rust does.
import type { SignInStep } from "../../ipc/bindings";
import { Finishing } from "./Finishing";
import { Pairing } from "./Pairing";
import { SignIn } from "./SignIn";
import { Waiting } from "./Waiting";

export function SignInSteps({ step, demo = false }: { step: SignInStep; demo?: boolean }) {
  switch (step.at) {
    case "form":
      return <SignIn form={step.form} problem={step.problem} demo={demo} />;
    case "waitingForBrowser":
      return <Waiting step={step} />;
    case "pairing":
      return <Pairing step={step} />;
    case "finishing":
      return <Finishing />;
  }
}
