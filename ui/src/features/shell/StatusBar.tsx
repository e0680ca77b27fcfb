// Owns the status bar under the lists: their age, the counts, the read under way, the keys.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useContext } from "react";
import { Button } from "../../components/Button";
import { OpenOrganizationContext } from "../../components/ErrorAlert";
import { RefreshIcon } from "../../components/icons";
import { useI18n } from "../../i18n";
import type { Differences, ReadView, SyncView, WorkspaceId } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { CachedDataBadge } from "./CachedDataBadge";
import { useNow } from "./useNow";

export function useSync(workspace: WorkspaceId) {
  const commands = useCommands();
  return useQuery({ queryKey: queryKeys.sync(workspace), queryFn: () => commands.sync_view({ workspace }) });
}

/** When the shown complete lists were read; null if they are not complete. */
export function completeListsReadAt(sync: SyncView | undefined): number | null {
  return sync?.lists.kind === "read" || sync?.lists.kind === "saved" ? sync.lists.at : null;
}

export function useTotals(workspace: WorkspaceId) {
  const commands = useCommands();
  return useQuery({ queryKey: queryKeys.totals(workspace), queryFn: () => commands.totals({ workspace }) });
}

function SyncAge({ at }: { at: number }) {
  const { t, format } = useI18n();
  const now = useNow(20_000);
  const ago = format.ago(at, Math.max(now, at));
  return <span title={format.moment(at)}>{ago === null ? t("sync.now") : t("sync.age", { ago })}</span>;
}

function SyncProgress({ workspace, view }: { workspace: WorkspaceId; view: Extract<ReadView, { kind: "reading" }> }) {
  const { t } = useI18n();
  const commands = useCommands();
  const cancel = useMutation({ mutationFn: () => commands.sync_cancel({ workspace }) });
  const { itemsRead: done, itemsTotal: total, etaSeconds: left } = view;
  const share = total === null || total === 0 ? null : Math.min(1, done / total);
  const read = total === null ? t("sync.readingOpen", { done }) : t("sync.reading", { done, total });
  const rest =
    left === null
      ? null
      : left < 90
        ? t("sync.secondsLeft", { n: Math.max(1, left) })
        : t("sync.minutesLeft", { n: Math.round(left / 60) });
  return (
    <>
      <span
        className={share === null ? "progress thin indeterminate" : "progress thin"}
        role="progressbar"
        aria-label={t("sync.progress")}
        aria-valuemin={0}
        aria-valuemax={total ?? undefined}
        aria-valuenow={share === null ? undefined : done}
        aria-valuetext={rest === null ? read : `${read}, ${rest}`}
      >
        <i style={share === null ? undefined : { width: `${share * 100}%` }} />
      </span>
      <span className="tabular-nums">{read}</span>
      {rest !== null && <span className="tabular-nums truncate">{rest}</span>}
      <Button variant="quiet" small isPending={cancel.isPending} onPress={() => cancel.mutate()}>
        {t("sync.cancel")}
      </Button>
    </>
  );
}

/** The differences that the last read found, or why it may be incomplete. */
function SyncOutcome({ view }: { view: Extract<ReadView, { kind: "done" }> }) {
  const { t } = useI18n();
  const { changes, incomplete, skipped } = view;
  const describe = ({ changed, added, removed }: Differences) =>
    [
      changed > 0 && t("sync.changed", { n: changed }),
      added > 0 && t("sync.added", { n: added }),
      removed > 0 && t("sync.removed", { n: removed }),
    ]
      .filter(Boolean)
      .join(", ");
  const people = changes && describe(changes.people);
  const groups = changes && describe(changes.groups);
  return (
    <span className="sync-outcome" role="status">
      {incomplete?.kind === "changing" && <span className="truncate">{t("sync.moving")}</span>}
      {incomplete?.kind === "short" && (
        <span className="truncate">{t("sync.short", { told: incomplete.reported, came: incomplete.received })}</span>
      )}
      {people && <span className="tabular-nums truncate">{t("sync.peopleChanges", { list: people })}</span>}
      {groups && <span className="tabular-nums truncate">{t("sync.groupChanges", { list: groups })}</span>}
      {changes && !people && !groups && <span className="truncate">{t("sync.nothingChanged")}</span>}
      {skipped > 0 && <span className="tabular-nums truncate">{t("sync.skipped", { n: skipped })}</span>}
    </span>
  );
}

export function StatusBar({ workspace, selectable = true }: { workspace: WorkspaceId; selectable?: boolean }) {
  const { t } = useI18n();
  const commands = useCommands();
  const sync = useSync(workspace).data;
  const read = sync?.read;
  const at = completeListsReadAt(sync);
  const totals = useTotals(workspace).data;
  const open = useContext(OpenOrganizationContext);
  const start = useMutation({
    mutationFn: () => commands.sync_start({ workspace }),
    // All other failures are shown by the read itself.
    onError: (refusal) => {
      if (asAppError(refusal).code === "sessionEnded") open?.signIn();
    },
  });
  return (
    <div className="status-bar">
      <CachedDataBadge sync={sync} />
      {read?.kind === "reading" ? (
        <SyncProgress workspace={workspace} view={read} />
      ) : (
        <>
          {at !== null ? (
            sync?.lists.kind === "read" && <SyncAge at={at} />
          ) : (
            <span>{t(sync?.lists.kind === "partial" ? "sync.part" : "sync.never")}</span>
          )}
          {read?.kind === "failed" && read.resumable ? (
            <Button variant="quiet" small isPending={start.isPending} onPress={() => start.mutate()}>
              {t("sync.readOn")}
            </Button>
          ) : (
            <Button
              variant="quiet"
              small
              className="icon"
              aria-label={t("sync.refresh")}
              tooltip={t("sync.refresh")}
              isPending={start.isPending}
              onPress={() => start.mutate()}
            >
              {!start.isPending && <RefreshIcon />}
            </Button>
          )}
        </>
      )}
      {totals && read?.kind !== "reading" && (
        <span className="tabular-nums truncate">
          {t("totals.people", { n: totals.users })} · {t("totals.groups", { n: totals.groups })}
        </span>
      )}
      {read?.kind === "done" && <SyncOutcome view={read} />}
      {/* Aligned right: if there is too little space, the first keys disappear first, and the one for all
          shortcuts stays. */}
      <span className="shortcuts" aria-hidden="true">
        <span>
          <kbd>?</kbd> {t("keys.help")}
        </span>
        <span>
          <kbd>/</kbd> {t("keys.search")}
        </span>
        {selectable && (
          <span>
            <kbd>{t("keys.space")}</kbd> {t("keys.select")}
          </span>
        )}
        <span>
          <kbd>↑↓</kbd> {t("keys.move")}
        </span>
      </span>
    </div>
  );
}
