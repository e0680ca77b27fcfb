// Owns the question before all accounts are signed out. Must never sign out by itself.

import { Button } from "../../components/Button";
import { DialogPane, ModalFrame } from "../../components/Dialog";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import type { Account } from "../../ipc/bindings";

/** Accounts named one by one. */
const NAMED = 5;

export function SignOutAll({
  accounts,
  color,
  busy,
  onGo,
  onClose,
}: {
  accounts: readonly Account[];
  color: number;
  busy: boolean;
  onGo: () => void;
  onClose: () => void;
}) {
  const { t } = useI18n();
  const more = accounts.length - NAMED;
  return (
    <ModalFrame color={color} narrow onClose={onClose}>
      <DialogPane title={t("signOutAll.title")} lead={t("signOutAll.lead", { n: accounts.length })}>
        <ul className="body name-list">
          {accounts.slice(0, NAMED).map((account) => (
            <li key={account.id} className="truncate">
              <UntrustedText text={account.email} />
            </li>
          ))}
          {more > 0 && <li className="secondary tabular-nums">{t("signOutAll.more", { n: more })}</li>}
        </ul>
        <footer>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button variant="danger primary" isDisabled={busy} onPress={onGo}>
            {t("signOutAll.go")}
          </Button>
        </footer>
      </DialogPane>
    </ModalFrame>
  );
}
