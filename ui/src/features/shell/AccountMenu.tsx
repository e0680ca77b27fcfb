// Owns the menu of the signed-in user: who is signed in, the other accounts, adding one, signing out. Must
// never change what is shown before Rust has: a failed switch changes nothing.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Header } from "react-aria-components/Header";
import { Menu, MenuItem, MenuSection, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { Avatar, displayName } from "../../components/parts";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import type { Account, SessionView } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { SignOutAll } from "./SignOutAll";
import type { AccountActions } from "./useAccountActions";

type SignedIn = Extract<SessionView, { kind: "signedIn" }>;

export function AccountMenu({ view, actions }: { view: SignedIn; actions: AccountActions }) {
  const { t, rich } = useI18n();
  const commands = useCommands();
  const [confirming, setConfirming] = useState(false);
  const { person } = view;
  const accounts = useQuery({ queryKey: queryKeys.accounts, queryFn: () => commands.accounts() }).data ?? [];
  const others = accounts.filter((account) => !account.current);
  const label = t("shell.account", { email: person.email });

  const act = (key: string) => {
    if (actions.isPending) return;
    const chosen = others.find((account) => key === `account ${account.id}`);
    // If the server no longer accepts it, Rust shows a new sign-in in front of what is open.
    if (chosen) actions.switchAccount(chosen);
    else if (key === "add") actions.addAccount();
    else if (key === "out") actions.signOut();
    else if (key === "outAll") setConfirming(true);
  };
  const pending = actions.pendingAction;
  const text =
    pending === null ? (
      <UntrustedText text={person.email} />
    ) : pending.kind === "switch" ? (
      rich("account.switching", { email: <UntrustedText text={pending.account.email} /> })
    ) : pending.kind === "add" ? (
      t("account.opening")
    ) : (
      t("shell.signingOut")
    );

  return (
    <>
      <MenuTrigger>
        <AriaButton className="account-button" aria-label={label}>
          {actions.isPending ? <i className="spinner" aria-hidden="true" /> : <Avatar name={displayName(person)} />}
          <span className="truncate">{text}</span>
        </AriaButton>
        <Popover className="popover" placement="bottom end">
          <Menu className="menu" aria-label={label} onAction={(key) => act(String(key))}>
            <MenuSection>
              <Header className="menu-header">
                <b>
                  <UntrustedText text={displayName(person)} />
                </b>
                {view.storage === "keychain" ? t("shell.storageKeychain") : t("shell.storageMemory")}
              </Header>
            </MenuSection>
            {others.length > 0 && (
              <MenuSection className="menu-section" aria-label={t("account.others")}>
                {others.map((account) => (
                  <AccountItem key={account.id} account={account} />
                ))}
              </MenuSection>
            )}
            <MenuItem id="add" className="menu-item" textValue={t("account.add")}>
              {t("account.add")}
            </MenuItem>
            <MenuItem id="out" className="menu-item" textValue={t("shell.signOut")}>
              {t("shell.signOut")}
            </MenuItem>
            {accounts.length > 1 && (
              <MenuItem id="outAll" className="menu-item" textValue={t("signOutAll.open")}>
                {t("signOutAll.open")}
              </MenuItem>
            )}
          </Menu>
        </Popover>
      </MenuTrigger>
      {confirming && (
        <SignOutAll
          accounts={accounts}
          color={view.organization.color}
          busy={actions.isPending}
          onGo={() => {
            setConfirming(false);
            actions.signOutAll();
          }}
          onClose={() => setConfirming(false)}
        />
      )}
    </>
  );
}

function AccountItem({ account }: { account: Account }) {
  const { t } = useI18n();
  const name = account.name || account.email;
  const under = account.state === "expired" ? t("account.expired") : account.organization;
  return (
    <MenuItem
      id={`account ${account.id}`}
      className="menu-item account"
      textValue={[name, account.email, under].filter(Boolean).join(", ")}
    >
      <Avatar name={name} />
      <span className="stacked-text">
        <span className="truncate">
          <UntrustedText text={name} />
        </span>
        {account.name !== "" && (
          <span className="truncate secondary">
            <UntrustedText text={account.email} />
          </span>
        )}
        {under && (
          <span className={account.state === "expired" ? "truncate warning" : "truncate secondary"}>
            <UntrustedText text={under} />
          </span>
        )}
      </span>
    </MenuItem>
  );
}
