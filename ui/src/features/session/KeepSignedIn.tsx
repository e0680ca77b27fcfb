// Owns "Keep me signed in": where the sign-in would be stored, why it can't be, and another check of a
// keychain that may recover. Must never offer to store what the keychain would refuse.
import { useId } from "react";
import { Button } from "../../components/Button";
import { useI18n } from "../../i18n";
import type { KeychainState } from "../../ipc/bindings";
import { keychainUnusableText, mayRecover } from "./keychain";

export function KeepSignedIn({
  keychain,
  keep,
  onKeep,
  onCheck,
  checking,
}: {
  keychain: KeychainState;
  keep: boolean;
  onKeep: (keep: boolean) => void;
  /** Checks the keychain again; absent if that is offered elsewhere on the screen. */
  onCheck?: (() => void) | undefined;
  checking: boolean;
}) {
  const { t } = useI18n();
  const ids = useId();
  const why = keychainUnusableText(keychain);
  return (
    <div className="keep-signed-in">
      <label htmlFor={`${ids}-keep`}>
        <input
          id={`${ids}-keep`}
          type="checkbox"
          className="check"
          checked={keep && why === null}
          disabled={why !== null}
          aria-describedby={`${ids}-where`}
          onChange={(event) => onKeep(event.target.checked)}
        />
        {t("signIn.keep")}
      </label>
      {why === null ? (
        <span id={`${ids}-where`} className="secondary">
          {t(keep ? "signIn.keepWhere" : "signIn.keepHint")}
        </span>
      ) : (
        <span className="field-note">
          <span id={`${ids}-where`} role="status">
            {t(why)}
          </span>
          {mayRecover(keychain) && onCheck && (
            <>
              {" "}
              <Button variant="link" isPending={checking} onPress={onCheck}>
                {t("common.retry")}
              </Button>
            </>
          )}
        </span>
      )}
    </div>
  );
}
