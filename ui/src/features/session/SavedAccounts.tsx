// Owns the accounts stored on this computer, shown above the sign-in form: continue as one, or remove it.
// Must never remove one that the user did not name.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId } from "react";
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { Avatar } from "../../components/parts";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import { sanitizeForDisplay } from "../../i18n/sanitize";
import type { Account } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";

export function SavedAccounts({ accounts }: { accounts: readonly Account[] }) {
  const { t, rich } = useI18n();
  const commands = useCommands();
  const ids = useId();
  const client = useQueryClient();
  const fresh = () => client.invalidateQueries({ queryKey: queryKeys.session });
  const choose = useMutation({
    mutationFn: ({ id }: Account) => commands.account_choose({ account: id }),
    onSettled: fresh,
  });
  const forget = useMutation({
    mutationFn: ({ id }: Account) => commands.account_forget({ account: id }),
    onSettled: fresh,
  });
  const busy = choose.isPending || forget.isPending;
  const thrown = choose.error ?? forget.error;
  return (
    <section className="saved-accounts" aria-label={t("signIn.accounts")}>
      <h2>{t("signIn.accounts")}</h2>
      {thrown && <ErrorAlert error={asAppError(thrown)} showNextStep={false} />}
      <ul>
        {accounts.map((account) => (
          <li key={account.id}>
            {account.state === "ready" ? (
              <Button
                className="saved-account"
                aria-label={t("signIn.continueAs", { email: account.email })}
                {...(account.organization === null ? {} : { "aria-describedby": `${ids}-${account.id}` })}
                isPending={choose.isPending && choose.variables.id === account.id}
                onPress={() => {
                  if (!busy) choose.mutate(account);
                }}
              >
                <Avatar name={account.name || account.email} />
                <span className="stacked-text">
                  <span className="truncate">
                    {rich("signIn.continueAs", { email: <UntrustedText text={account.email} /> })}
                  </span>
                  {account.organization !== null && (
                    <span
                      className="truncate secondary"
                      data-drawn={sanitizeForDisplay(account.organization)}
                      aria-hidden="true"
                    />
                  )}
                </span>
              </Button>
            ) : (
              <span className="saved-account ended">
                <Avatar name={account.name || account.email} />
                <span className="stacked-text">
                  <span className="truncate">
                    <UntrustedText text={account.email} />
                  </span>
                  <span className="truncate secondary">{t("signIn.accountExpired")}</span>
                </span>
              </span>
            )}
            {account.organization !== null && (
              <span id={`${ids}-${account.id}`} className="visually-hidden">
                <UntrustedText text={account.organization} />
              </span>
            )}
            <Button
              variant="quiet"
              small
              aria-label={t("signIn.forgetOne", { email: account.email })}
              isPending={forget.isPending && forget.variables.id === account.id}
              onPress={() => {
                if (!busy) forget.mutate(account);
              }}
            >
              {t("signIn.forget")}
            </Button>
          </li>
        ))}
      </ul>
      <h2>{t("signIn.else")}</h2>
    </section>
  );
}
