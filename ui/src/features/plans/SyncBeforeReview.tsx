// Owns the wait for a sync when "all that match" is refused for the listed users. Must never select users
// itself: the same request is made again after the sync.
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { DialogPane } from "../../components/Dialog";
import { ErrorAlert } from "../../components/ErrorAlert";
import { useI18n } from "../../i18n";
import type { AppError } from "../../ipc/bindings";
import { useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { useShell } from "../shell/context";
import { useSync } from "../shell/StatusBar";

export type SyncNeeded = Extract<AppError, { code: "listPartial" | "listSaved" }>;

export function isSyncNeeded(error: AppError | null): error is SyncNeeded {
  return error?.code === "listPartial" || error?.code === "listSaved";
}

export function SyncBeforeReview({
  error,
  onSynced,
  onClose,
}: {
  error: SyncNeeded;
  onSynced: () => void;
  onClose: () => void;
}) {
  const { t } = useI18n();
  const commands = useCommands();
  const { workspace } = useShell();
  const sync = useSync(workspace).data;
  // A saved copy is synced without asking; for a partial list the wait is offered.
  const [waits, setWaits] = useState(error.code === "listSaved");
  const start = useMutation({ mutationFn: () => commands.sync_start({ workspace }) });
  const { mutate: begin } = start;
  const synced = sync?.lists.kind === "read";
  const isReading = sync?.read.kind === "reading";
  const failed = sync?.read.kind === "failed" ? sync.read.error : null;

  const asked = useRef(false);
  useEffect(() => {
    if (!waits || asked.current || sync === undefined) return;
    asked.current = true;
    if (!isReading && !synced) begin();
  }, [waits, sync, isReading, synced, begin]);

  const done = useRef(false);
  useEffect(() => {
    if (!waits || !synced || done.current) return;
    done.current = true;
    onSynced();
  }, [waits, synced, onSynced]);

  const refused = start.error ? asAppError(start.error) : null;
  const problem = refused ?? (waits && !isReading ? failed : null);
  return (
    <DialogPane title={t("plan.review")} lead={waits ? t("plan.syncing") : undefined}>
      <ErrorAlert
        error={error}
        action={waits ? undefined : <Button onPress={() => setWaits(true)}>{t("plan.syncFirst")}</Button>}
      />
      {problem && (
        <ErrorAlert
          error={problem}
          showNextStep={false}
          action={<Button onPress={() => begin()}>{t("plan.syncNow")}</Button>}
        />
      )}
      <p className="secondary" role="status">
        {waits && !problem ? t("plan.syncingLead") : ""}
      </p>
      <footer>
        <Button onPress={onClose}>{t("common.cancel")}</Button>
      </footer>
    </DialogPane>
  );
}
