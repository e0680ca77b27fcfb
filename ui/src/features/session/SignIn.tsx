// Owns the sign-in form: Client ID, "Keep me signed in", how the browser comes back, the ways to sign in.
// Must never see a token or open anything by itself.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useContext, useId, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { useI18n } from "../../i18n";
import type { AppError, SignInForm, SignInMethod } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { ClientIdField, type Complaint, complaintAbout } from "./ClientId";
import { Keep } from "./Keep";
import { KeptAccounts } from "./KeptAccounts";
import { isOfKeychain, mayRecover, whyNotKept } from "./keychain";
import { changedUri, firstRedirect, RedirectFields } from "./Redirect";
import { InDialog, StepHead } from "./StepHead";

/** How a sign-in begins: by a button of the form, or by an offer of a failure. */
type Way = SignInMethod | "demo" | "fewerRights" | "memoryOnly" | "again";

const METHODS: readonly string[] = ["browser", "microsoft", "pairing"] satisfies readonly SignInMethod[];
const isMethod = (way: Way): way is SignInMethod => METHODS.includes(way);

/** Failures that another redirect URI resolves. */
function isOfRedirect({ code }: AppError): boolean {
  switch (code) {
    case "portBusy":
    case "listenFailed":
    case "redirectInvalid":
    case "redirectForcedHttps":
    case "appLinkNotOpened":
      return true;
    default:
      return false;
  }
}

/** Failures that another Client ID resolves. */
function isOfClientId({ code }: AppError): boolean {
  return code === "clientIdUnknown" || code === "clientIdMissing" || code === "clientIdInvalid";
}

export function SignIn({
  form,
  problem,
  demo = false,
}: {
  form: SignInForm;
  problem: AppError | null;
  /** The demo organization's sign-in, which has only one way. */
  demo?: boolean;
}) {
  const { t } = useI18n();
  const commands = useCommands();
  const client = useQueryClient();
  const inDialog = useContext(InDialog);
  const limit = useId();
  const field = useRef<HTMLInputElement>(null);
  const [clientId, setClientId] = useState(form.clientId);
  const [wantsKeep, setWantsKeep] = useState(form.keep);
  const [redirect, setRedirect] = useState(() => firstRedirect(form.redirect));
  const [unfolded, setUnfolded] = useState<boolean | null>(null);
  const [complaint, setComplaint] = useState<Complaint | null>(null);
  const [tried, setTried] = useState(false);
  // The button repeats the way that a failure offered.
  const [method, setMethod] = useState<SignInMethod>("browser");
  const keep = wantsKeep && whyNotKept(form.keychain) === null;
  const fresh = () => client.invalidateQueries({ queryKey: keys.session });

  const enter = useMutation({
    mutationFn: (way: Way) => {
      setTried(true);
      if (way === "demo") return commands.demo_start();
      if (isMethod(way)) setMethod(way);
      const request = {
        clientId: clientId.trim(),
        keep: keep && way !== "memoryOnly",
        method: isMethod(way) ? way : method,
        fewerRights: way === "fewerRights",
        redirectUri: changedUri(redirect, form.redirect),
      };
      return commands.sign_in({ request });
    },
    onSettled: fresh,
  });
  const check = useMutation({ mutationFn: () => commands.keychain_check(), onSettled: fresh });

  const thrown = enter.error ?? check.error;
  const error = thrown ? asAppError(thrown) : tried && enter.isPending ? null : problem;
  const ofKeychain = error !== null && isOfKeychain(error);
  const busy = (way: Way) => enter.isPending && enter.variables === way;

  const go = (way: Way) => {
    const wrong = complaintAbout(clientId.trim());
    setComplaint(wrong);
    if (wrong) field.current?.focus();
    else if (!enter.isPending) {
      check.reset();
      enter.mutate(way);
    }
  };
  const lookAgain = () => {
    if (!check.isPending) check.mutate();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go("browser");
  };
  const action = () => {
    if (error?.code === "scopeRefused")
      return <Button onPress={() => go("fewerRights")}>{t("signIn.fewerRights")}</Button>;
    if (!ofKeychain) return undefined;
    return (
      <>
        <Button
          busy={check.isPending || busy("again")}
          onPress={() => (mayRecover(form.keychain) ? lookAgain() : go("again"))}
        >
          {t("common.retry")}
        </Button>
        <Button busy={busy("memoryOnly")} onPress={() => go("memoryOnly")}>
          {t("signIn.memoryOnly")}
        </Button>
      </>
    );
  };
  const explore = (variant: "primary" | "link") => (
    <Button
      variant={variant}
      {...(variant === "primary" ? { className: "wide" } : {})}
      busy={busy("demo")}
      onPress={() => {
        if (!enter.isPending) enter.mutate("demo");
      }}
    >
      {t("signIn.demo")}
    </Button>
  );

  return (
    <>
      {!inDialog && <StepHead title={t("signIn.title")} lead={t("signIn.lead")} />}
      {error && <ErrorAlert error={error} steps={false} action={action()} />}
      {demo ? (
        explore("primary")
      ) : (
        <>
          {!inDialog && form.accounts.length > 0 && <KeptAccounts accounts={form.accounts} />}
          <form onSubmit={submit} noValidate>
            <ClientIdField
              ref={field}
              value={clientId}
              onChange={(next) => {
                setClientId(next);
                setComplaint(null);
              }}
              preset={form.clientIdPreset}
              complaint={complaint}
              refused={error !== null && isOfClientId(error)}
              redirectUri={redirect[redirect.kind]}
            />
            <Keep
              keychain={form.keychain}
              keep={keep}
              onKeep={setWantsKeep}
              // A failure of the keychain offers the check itself.
              onCheck={ofKeychain ? undefined : lookAgain}
              checking={check.isPending}
            />
            <Button type="submit" variant="primary" className="wide" busy={busy("browser")}>
              {t("signIn.browser")}
            </Button>
          </form>
          <div className="button-pair">
            <Button busy={busy("microsoft")} onPress={() => go("microsoft")}>
              {t("signIn.microsoft")}
            </Button>
            <Button busy={busy("pairing")} aria-describedby={limit} onPress={() => go("pairing")}>
              {t("signIn.pairing")}
            </Button>
          </div>
          <p id={limit} className="footnote">
            {t("signIn.pairingLimit")}
          </p>
          <RedirectFields
            choice={form.redirect}
            value={redirect}
            onChange={setRedirect}
            open={unfolded ?? (error !== null && isOfRedirect(error))}
            onOpen={setUnfolded}
            wrong={error?.code === "redirectInvalid"}
          />
          {!inDialog && (
            <p className="demo">
              {t("signIn.demoLead")} {explore("link")}. {t("signIn.demoTail")}
            </p>
          )}
        </>
      )}
    </>
  );
}
