// Owns the sign-in form: Client ID, "Keep me signed in", the ways in. Must never see a token or open anything by itself.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useRef, useState } from "react";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { useI18n } from "../../i18n";
import type { AppError, SignInForm, SignInMethod } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { Door } from "./Door";

/** As the wire has it: 1 to 200 printable ASCII characters; a space within one is a slip of copying. */
const CLIENT_ID = /^[\x21-\x7e]{1,200}$/;

/** How a sign-in begins: by a button of the form, or by what a failure offered. */
type Way = SignInMethod | "demo" | "fewerRights" | "memoryOnly";

export function SignIn({ form, problem }: { form: SignInForm; problem: AppError | null }) {
  const { t } = useI18n();
  const commands = useCommands();
  const client = useQueryClient();
  const ids = useId();
  const field = useRef<HTMLInputElement>(null);
  const keychain = form.keychain !== "unusable";
  const [clientId, setClientId] = useState(form.clientId);
  const [wantsKeep, setWantsKeep] = useState(form.keep);
  const [complaint, setComplaint] = useState<"signIn.clientIdNeeded" | "signIn.clientIdShape" | null>(null);
  const [tried, setTried] = useState(false);
  const keep = wantsKeep && keychain;

  // What the last answer offered instead: memory only, or fewer rights.
  const [method, setMethod] = useState<SignInMethod>("browser");
  const enter = useMutation({
    mutationFn: (way: Way) => {
      setTried(true);
      if (way === "demo") return commands.demo_start();
      if (way === "browser" || way === "microsoft") setMethod(way);
      const request = {
        clientId: clientId.trim(),
        keep: keep && way !== "memoryOnly",
        method: way === "browser" || way === "microsoft" ? way : method,
        fewerRights: way === "fewerRights",
      };
      return commands.sign_in({ request });
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.session }),
  });
  const error = enter.error ? asAppError(enter.error) : tried && enter.isPending ? null : problem;
  const idRefused = error?.code === "clientIdUnknown" || error?.code === "clientIdMissing";

  const go = (way: Way) => {
    const value = clientId.trim();
    const wrong = value === "" ? "signIn.clientIdNeeded" : CLIENT_ID.test(value) ? null : "signIn.clientIdShape";
    setComplaint(wrong);
    if (wrong) field.current?.focus();
    else if (!enter.isPending) enter.mutate(way);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go("browser");
  };
  const under = complaint ? t(complaint) : form.clientIdPreset ? t("signIn.clientIdPreset") : null;

  return (
    <Door>
      <h1>{t("signIn.title")}</h1>
      <p className="lead">{t("signIn.lead")}</p>
      {error && (
        <ErrorAlert
          error={error}
          steps={false}
          action={
            error.code === "scopeRefused" ? (
              <Button onPress={() => go("fewerRights")}>{t("signIn.fewerRights")}</Button>
            ) : error.code === "keychainUnavailable" ? (
              <Button onPress={() => go("memoryOnly")}>{t("signIn.memoryOnly")}</Button>
            ) : undefined
          }
        />
      )}
      <form onSubmit={submit} noValidate>
        <div className="field">
          <span className="label">
            <label htmlFor={`${ids}-id`}>{t("signIn.clientId")}</label>
            <DialogTrigger>
              <Button look="link">{t("signIn.where")}</Button>
              <Popover className="pop" placement="bottom end">
                <Dialog className="help text" aria-label={t("signIn.whereTitle")}>
                  <h2>{t("signIn.whereTitle")}</h2>
                  <p>{t("signIn.where1")}</p>
                  <p>{t("signIn.where2")}</p>
                  <code>{form.redirectUri}</code>
                  <p>{t("signIn.where3")}</p>
                </Dialog>
              </Popover>
            </DialogTrigger>
          </span>
          <input
            ref={field}
            id={`${ids}-id`}
            className="input"
            type="text"
            value={clientId}
            readOnly={form.clientIdPreset}
            autoComplete="off"
            autoCapitalize="off"
            autoCorrect="off"
            spellCheck={false}
            aria-invalid={complaint !== null || idRefused || undefined}
            aria-describedby={under ? `${ids}-under` : undefined}
            onChange={(event) => {
              setClientId(event.target.value);
              setComplaint(null);
            }}
          />
          {under && (
            <span
              id={`${ids}-under`}
              className={complaint ? "hint bad" : "hint"}
              role={complaint ? "alert" : undefined}
            >
              {under}
            </span>
          )}
        </div>
        <div className="keep">
          <label htmlFor={`${ids}-keep`}>
            <input
              id={`${ids}-keep`}
              type="checkbox"
              className="check"
              checked={keep}
              disabled={!keychain}
              aria-describedby={`${ids}-where`}
              onChange={(event) => setWantsKeep(event.target.checked)}
            />
            {t("signIn.keep")}
          </label>
          {keychain ? (
            keep ? (
              <span id={`${ids}-where`} className="dim">
                {t("signIn.keepWhere")}
              </span>
            ) : (
              <span id={`${ids}-where`} className="dim">
                {t("signIn.keepHint")}
              </span>
            )
          ) : (
            <span id={`${ids}-where`} className="under">
              {t("signIn.keepUnusable")}
            </span>
          )}
        </div>
        <Button type="submit" look="go" className="wide" busy={enter.isPending && enter.variables === "browser"}>
          {t("signIn.browser")}
        </Button>
      </form>
      <Button
        className="wide"
        busy={enter.isPending && enter.variables === "microsoft"}
        onPress={() => go("microsoft")}
      >
        {t("signIn.microsoft")}
      </Button>
      <p className="demo">
        {t("signIn.demoLead")}{" "}
        <Button
          look="link"
          busy={enter.isPending && enter.variables === "demo"}
          onPress={() => {
            if (!enter.isPending) enter.mutate("demo");
          }}
        >
          {t("signIn.demo")}
        </Button>
        . {t("signIn.demoTail")}
      </p>
    </Door>
  );
}
