// Owns the page that shows how this installation is set up. Must never change it: the values come from
// outside.

import { useQuery } from "@tanstack/react-query";
import { ErrorAlert } from "../../components/ErrorAlert";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import type { KeychainState } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";

const KEYCHAIN = {
  locked: "settings.keychainLocked",
  noKeyring: "settings.keychainNoKeyring",
  unresponsive: "settings.keychainUnresponsive",
  refusing: "settings.keychainRefusing",
  usable: "settings.keychainUsable",
  unusable: "settings.keychainUnusable",
  unknown: "settings.keychainUnknown",
} as const satisfies Record<KeychainState, string>;

/** `demo`: the demo organization is open, which uses neither the servers nor the redirect shown here. */
export function Settings({ demo }: { demo: boolean }) {
  const { t } = useI18n();
  const commands = useCommands();
  const query = useQuery({ queryKey: queryKeys.installation, queryFn: () => commands.installation(), staleTime: 0 });
  const it = query.data;
  return (
    <main className="list full-width">
      <div className="page">
        <h1>{t("settings.title")}</h1>
        <p>{t("settings.lead")}</p>
        {query.error && <ErrorAlert error={asAppError(query.error)} onRetry={() => query.refetch()} />}
        {it && (
          <>
            <h2>{t("settings.servers")}</h2>
            {demo && <p className="secondary">{t("settings.demo")}</p>}
            <dl className="facts">
              <dt>{t("settings.account")}</dt>
              <dd className="mono">
                <UntrustedText text={it.accountUrl} />
              </dd>
              <dt>{t("settings.api")}</dt>
              <dd className="mono">
                <UntrustedText text={it.apiUrl} />
              </dd>
            </dl>
            <h2>{t("settings.signIn")}</h2>
            <dl className="facts">
              <dt>{t("settings.redirect")}</dt>
              <dd>
                {demo && <p className="secondary">{t("settings.demo")}</p>}
                <dl className="redirect-kinds">
                  {(["loopback", "appLink"] as const).map((kind) => (
                    <div key={kind}>
                      <dt>
                        {t(`redirect.${kind}`)}
                        {it.redirect.kind === kind && !demo && (
                          <span className="tag">{t("settings.redirectUsed")}</span>
                        )}
                      </dt>
                      <dd className="mono">
                        <UntrustedText text={it.redirect[kind]} />
                      </dd>
                      <dd>
                        {t(`redirect.${kind}Needs`)}
                        {kind === "appLink" && it.redirect.appLinkReady === false && (
                          <span className="warning"> {t("redirect.appLinkNotReady")}</span>
                        )}
                      </dd>
                    </div>
                  ))}
                </dl>
              </dd>
              <dt>{t("settings.scopes")}</dt>
              <dd className="mono">
                <UntrustedText text={it.scopes} />
              </dd>
              <dt>{t("settings.keychain")}</dt>
              <dd>{t(KEYCHAIN[it.keychain])}</dd>
            </dl>
            <h2>{t("settings.app")}</h2>
            <dl className="facts">
              <dt>{t("settings.version")}</dt>
              <dd className="tabular-nums">{it.version}</dd>
              <dt>{t("settings.data")}</dt>
              <dd className="mono">
                <UntrustedText text={it.dataDir} />
              </dd>
            </dl>
          </>
        )}
      </div>
    </main>
  );
}
