// Owns the accounts stored on this computer, shown above the sign-in form: continue as one, or remove it.
// Must never remove one that the user did not name.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId } from "react";
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { Foreign } from "../../components/Foreign";
import { Face } from "../../components/parts";
import { useI18n } from "../../i18n";
import { plain } from "../../i18n/plain";
import type { Account } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";

export function KeptAccounts({ accounts }: { accounts: readonly Account[] }) {
  const { t, rich } = useI18n();
  const commands = useCommands();
  const ids = useId();
  const client = useQueryClient();
  const fresh = () => client.invalidateQueries({ queryKey: keys.session });
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
    <section className="kept" aria-label={t("signIn.accounts")}>
      <h2>{t("signIn.accounts")}</h2>
      {thrown && <ErrorAlert error={asAppError(thrown)} steps={false} />}
      <ul>
        {accounts.map((account) => (
          <li key={account.id}>
            {account.state === "ready" ? (
              <Button
                className="kept-one"
                aria-label={t("signIn.continueAs", { email: account.email })}
                {...(account.organization === null ? {} : { "aria-describedby": `${ids}-${account.id}` })}
                busy={choose.isPending && choose.variables.id === account.id}
                onPress={() => {
                  if (!busy) choose.mutate(account);
                }}
              >
                <Face name={account.name || account.email} />
                <span className="two">
                  <span className="cut">{rich("signIn.continueAs", { email: <Foreign text={account.email} /> })}</span>
                  {account.organization !== null && (
                    <span className="cut dim" data-drawn={plain(account.organization)} aria-hidden="true" />
                  )}
                </span>
              </Button>
            ) : (
              <span className="kept-one ended">
                <Face name={account.name || account.email} />
                <span className="two">
                  <span className="cut">
                    <Foreign text={account.email} />
                  </span>
                  <span className="cut dim">{t("signIn.accountExpired")}</span>
                </span>
              </span>
            )}
            {account.organization !== null && (
              <span id={`${ids}-${account.id}`} className="seen-not">
                <Foreign text={account.organization} />
              </span>
            )}
            <Button
              look="quiet"
              small
              aria-label={t("signIn.forgetOne", { email: account.email })}
              busy={forget.isPending && forget.variables.id === account.id}
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
