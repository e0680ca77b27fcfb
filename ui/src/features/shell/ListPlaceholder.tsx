// Owns what is shown instead of a list that is not complete: not read, being read, not allowed, failed.

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { EmptyState } from "../../components/parts";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import type { AppError, OrganizationId, SyncView } from "../../ipc/bindings";
import { useCommands } from "../../ipc/client";
import { useShell } from "./context";

/** A failed read while older lists are shown: its message above them. */
export function SyncError({ sync }: { sync: SyncView | undefined }) {
  const commands = useCommands();
  const { workspace } = useShell();
  const [hidden, setHidden] = useState<AppError | null>(null);
  const start = useMutation({ mutationFn: () => commands.sync_start({ workspace }) });
  const read = sync?.read;
  if (read?.kind !== "failed" || sync?.lists.kind === "nothing" || read.error.code === "cancelled") return null;
  // The same failure in a new object must stay hidden: its contents are compared.
  if (hidden !== null && JSON.stringify(hidden) === JSON.stringify(read.error)) return null;
  return <ErrorAlert error={read.error} onRetry={() => start.mutate()} onDismiss={() => setHidden(read.error)} />;
}

/** Shown in the list's place if nothing has been read; null if there is a list to show. */
export function useListPlaceholder(
  sync: SyncView | undefined,
  error: AppError | null,
  retry: () => void,
): { waiting: boolean; placeholder: React.ReactNode | null } {
  const { t } = useI18n();
  const commands = useCommands();
  const { workspace } = useShell();
  const start = useMutation({ mutationFn: () => commands.sync_start({ workspace }) });
  const read = sync?.read;
  const empty = sync?.lists.kind === "nothing";
  if (read?.kind === "reading" && (error === null || error.code === "directoryNotRead"))
    return { waiting: empty || error !== null, placeholder: null };
  const unread = error?.code === "directoryNotRead";
  if (sync === undefined && unread) return { waiting: true, placeholder: null };
  if (read?.kind === "failed" && empty && read.error.code !== "cancelled") {
    return {
      waiting: false,
      placeholder: (
        <div className="empty-state">
          <ErrorAlert error={read.error} onRetry={() => start.mutate()} />
        </div>
      ),
    };
  }
  if (unread) {
    return {
      waiting: false,
      placeholder: (
        <EmptyState title={t("sync.never")}>
          <Button variant="primary" isPending={start.isPending} onPress={() => start.mutate()}>
            {t("sync.start")}
          </Button>
        </EmptyState>
      ),
    };
  }
  if (error)
    return {
      waiting: false,
      placeholder: (
        <div className="empty-state">
          <ErrorAlert error={error} onRetry={retry} />
        </div>
      ),
    };
  return { waiting: false, placeholder: null };
}

/** The user may not manage this organization. */
export function NotAdmin({
  title,
  name,
  others,
}: {
  title: string;
  name: string;
  others: readonly { id: OrganizationId; name: string; go: () => void }[];
}) {
  const { t, rich } = useI18n();
  return (
    <main className="list full-width">
      <div className="list-header">
        <h1>{title}</h1>
      </div>
      <div className="empty-state">
        <div className="alert" role="alert">
          <strong>{rich("shell.notAdminTitle", { name: <UntrustedText text={name} /> })}</strong>
          <span>{t("shell.notAdminLead")}</span>
          <div className="alert-actions">
            {others.map((other) => (
              <Button key={other.id} onPress={other.go}>
                <span className="truncate">{t("shell.switchTo", { name: other.name })}</span>
              </Button>
            ))}
          </div>
        </div>
      </div>
    </main>
  );
}
