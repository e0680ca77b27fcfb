// Owns the sign-in form: Client ID, "Keep me signed in", how the browser comes back, the ways to sign in.
// Must never see a token or open anything by itself.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useContext, useId, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { useI18n } from "../../i18n";
import type { AppError, SignInForm, SignInMethod } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { type ClientIdError, ClientIdField, validateClientId } from "./ClientId";
import { KeepSignedIn } from "./KeepSignedIn";
import { isKeychainError, keychainUnusableText, mayRecover } from "./keychain";
import { changedUri, initialRedirect, RedirectFields } from "./Redirect";
import { SavedAccounts } from "./SavedAccounts";
import { InDialogContext, StepHeader } from "./StepHeader";

/** How a sign-in begins: by a button of the form, or by an offer of a failure. */
type Way = SignInMethod | "demo" | "fewerRights" | "memoryOnly" | "again";

const METHODS: readonly string[] = ["browser", "microsoft", "pairing"] satisfies readonly SignInMethod[];
const isMethod = (way: Way): way is SignInMethod => METHODS.includes(way);

/** Failures that another redirect URI resolves. */
function isRedirectError({ code }: AppError): boolean {
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
function isClientIdError({ code }: AppError): boolean {
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
  const inDialog = useContext(InDialogContext);
  const limit = useId();
  const field = useRef<HTMLInputElement>(null);
  const [clientId, setClientId] = useState(form.clientId);
  const [wantsKeep, setWantsKeep] = useState(form.keep);
  const [redirect, setRedirect] = useState(() => initialRedirect(form.redirect));
  const [unfolded, setUnfolded] = useState<boolean | null>(null);
  const [complaint, setComplaint] = useState<ClientIdError | null>(null);
  const [tried, setTried] = useState(false);
  // The button repeats the way that a failure offered.
  const [method, setMethod] = useState<SignInMethod>("browser");
  const keep = wantsKeep && keychainUnusableText(form.keychain) === null;
  const fresh = () => client.invalidateQueries({ queryKey: queryKeys.session });

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
  const ofKeychain = error !== null && isKeychainError(error);
  const busy = (way: Way) => enter.isPending && enter.variables === way;

  const go = (way: Way) => {
    const wrong = validateClientId(clientId.trim());
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
          isPending={check.isPending || busy("again")}
          onPress={() => (mayRecover(form.keychain) ? lookAgain() : go("again"))}
        >
          {t("common.retry")}
        </Button>
        <Button isPending={busy("memoryOnly")} onPress={() => go("memoryOnly")}>
          {t("signIn.memoryOnly")}
        </Button>
      </>
    );
  };
  const explore = (variant: "primary" | "link") => (
    <Button
      variant={variant}
      {...(variant === "primary" ? { className: "wide" } : {})}
      isPending={busy("demo")}
      onPress={() => {
        if (!enter.isPending) enter.mutate("demo");
      }}
    >
      {t("signIn.demo")}
    </Button>
  );

  return (
    <>
      {!inDialog && <StepHeader title={t("signIn.title")} lead={t("signIn.lead")} />}
      {error && <ErrorAlert error={error} showNextStep={false} action={action()} />}
      {demo ? (
        explore("primary")
      ) : (
        <>
          {!inDialog && form.accounts.length > 0 && <SavedAccounts accounts={form.accounts} />}
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
              refused={error !== null && isClientIdError(error)}
              redirectUri={redirect[redirect.kind]}
            />
            <KeepSignedIn
              keychain={form.keychain}
              keep={keep}
              onKeep={setWantsKeep}
              // A failure of the keychain offers the check itself.
              onCheck={ofKeychain ? undefined : lookAgain}
              checking={check.isPending}
            />
            <Button type="submit" variant="primary" className="wide" isPending={busy("browser")}>
              {t("signIn.browser")}
            </Button>
          </form>
          <div className="button-pair">
            <Button isPending={busy("microsoft")} onPress={() => go("microsoft")}>
              {t("signIn.microsoft")}
            </Button>
            <Button isPending={busy("pairing")} aria-describedby={limit} onPress={() => go("pairing")}>
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
            open={unfolded ?? (error !== null && isRedirectError(error))}
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
