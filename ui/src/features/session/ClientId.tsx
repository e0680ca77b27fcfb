// Owns the field of the Client ID, with help on where to get one. Must never store the typed text: the form
// does.
import { type Ref, useId } from "react";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import { Button } from "../../components/Button";
import { useI18n } from "../../i18n";

export type ClientIdError = "signIn.clientIdNeeded" | "signIn.clientIdShape";

/** As in the wire types: 1 to 200 printable ASCII characters; a space within one is a copying mistake. */
const CLIENT_ID = /^[\x21-\x7e]{1,200}$/;

export function validateClientId(clientId: string): ClientIdError | null {
  if (clientId === "") return "signIn.clientIdNeeded";
  return CLIENT_ID.test(clientId) ? null : "signIn.clientIdShape";
}

export function ClientIdField({
  ref,
  value,
  onChange,
  preset,
  complaint,
  refused,
  redirectUri,
}: {
  ref: Ref<HTMLInputElement>;
  value: string;
  onChange: (value: string) => void;
  /** Set by policy: shown, not editable. */
  preset: boolean;
  complaint: ClientIdError | null;
  /** The Client ID is unusable: unknown to the server, or not a valid one. */
  refused: boolean;
  /** The redirect URI to register with it. */
  redirectUri: string;
}) {
  const { t } = useI18n();
  const ids = useId();
  const under = complaint ? t(complaint) : preset ? t("signIn.clientIdPreset") : null;
  return (
    <div className="field">
      <span className="label">
        <label htmlFor={`${ids}-id`}>{t("signIn.clientId")}</label>
        <DialogTrigger>
          <Button variant="link">{t("signIn.where")}</Button>
          <Popover className="popover" placement="bottom end">
            <Dialog className="help selectable" aria-label={t("signIn.whereTitle")}>
              <h2>{t("signIn.whereTitle")}</h2>
              <p>{t("signIn.where1")}</p>
              <p>{t("signIn.where2")}</p>
              <code>{redirectUri}</code>
              <p>{t("signIn.where3")}</p>
            </Dialog>
          </Popover>
        </DialogTrigger>
      </span>
      <input
        ref={ref}
        id={`${ids}-id`}
        className="input"
        type="text"
        value={value}
        readOnly={preset}
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        aria-invalid={complaint !== null || refused || undefined}
        aria-describedby={under ? `${ids}-under` : undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {under && (
        <span id={`${ids}-under`} className={complaint ? "hint danger" : "hint"} role={complaint ? "alert" : undefined}>
          {under}
        </span>
      )}
    </div>
  );
}
