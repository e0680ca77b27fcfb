// Owns the choice of how the browser comes back: a loopback address or an app link, and what each needs. Must
// never validate an address: Rust does.
import { useId } from "react";
import { Button } from "../../components/Button";
import { ChevronIcon } from "../../components/icons";
import { useI18n } from "../../i18n";
import type { RedirectChoice, RedirectKind } from "../../ipc/bindings";

/** The present choice; each kind keeps its own text while the other is shown. */
export type Redirect = { kind: RedirectKind } & Record<RedirectKind, string>;

const KINDS = ["loopback", "appLink"] as const satisfies readonly RedirectKind[];

export function initialRedirect(choice: RedirectChoice): Redirect {
  const { kind, loopback, appLink, uri } = choice;
  return { kind, loopback, appLink, [kind]: uri };
}

/** The URI to send, or null if it is the one in use already. */
export function changedUri(redirect: Redirect, choice: RedirectChoice): string | null {
  const uri = redirect[redirect.kind].trim();
  return choice.preset || uri === choice.uri ? null : uri;
}

export function RedirectFields({
  choice,
  value,
  onChange,
  open,
  onOpen,
  wrong,
}: {
  choice: RedirectChoice;
  value: Redirect;
  onChange: (value: Redirect) => void;
  open: boolean;
  onOpen: (open: boolean) => void;
  /** The chosen address was refused. */
  wrong: boolean;
}) {
  const { t } = useI18n();
  const ids = useId();
  return (
    <div className="redirect">
      <Button
        variant="link"
        className={open ? "disclosure open" : "disclosure"}
        aria-expanded={open}
        {...(open ? { "aria-controls": `${ids}-choice` } : {})}
        onPress={() => onOpen(!open)}
      >
        <ChevronIcon />
        {t("redirect.title")}
      </Button>
      {open && (
        <div id={`${ids}-choice`} className="redirect-options" role="radiogroup" aria-label={t("redirect.title")}>
          {choice.preset && <p className="hint">{t("redirect.preset")}</p>}
          {KINDS.map((kind) => {
            const chosen = value.kind === kind;
            const needs = `${ids}-${kind}-needs`;
            return (
              <div key={kind} className="redirect-option">
                <label>
                  <input
                    type="radio"
                    className="radio"
                    name={`${ids}-kind`}
                    checked={chosen}
                    disabled={choice.preset && !chosen}
                    aria-describedby={needs}
                    onChange={() => onChange({ ...value, kind })}
                  />
                  {t(`redirect.${kind}`)}
                </label>
                <input
                  className="input"
                  type="text"
                  aria-label={t(`redirect.${kind}Uri`)}
                  value={value[kind]}
                  readOnly={choice.preset}
                  aria-invalid={(wrong && chosen) || undefined}
                  autoComplete="off"
                  autoCapitalize="off"
                  autoCorrect="off"
                  spellCheck={false}
                  onChange={(event) => onChange({ ...value, kind, [kind]: event.target.value })}
                />
                <p id={needs} className="hint">
                  {t(`redirect.${kind}Needs`)}
                </p>
                {kind === "appLink" && choice.appLinkReady === false && (
                  <p className="hint warning">{t("redirect.appLinkNotReady")}</p>
                )}
              </div>
            );
          })}
        </div>
      )}
    </div>
  );
}
