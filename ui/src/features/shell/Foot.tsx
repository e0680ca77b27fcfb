// Owns the line under the lists: how old they are, how much there is, the read under way, the keys.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useContext } from "react";
import { Button } from "../../components/Button";
import { SignInAgain } from "../../components/ErrorAlert";
import { RefreshIcon } from "../../components/icons";
import { useI18n } from "../../i18n";
import type { ReadView, SyncView, WorkspaceId } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { DroppedNote, KeptMark } from "./KeptMark";
import { useNow } from "./useNow";

export function useSync(workspace: WorkspaceId) {
  const commands = useCommands();
  return useQuery({ queryKey: keys.sync(workspace), queryFn: () => commands.sync_view() });
}

/** When the whole that the lists show was read; null where they show no whole. */
export function wholeAt(sync: SyncView | undefined): number | null {
  return sync?.lists.kind === "read" || sync?.lists.kind === "kept" ? sync.lists.at : null;
}

export function useTotals(workspace: WorkspaceId) {
  const commands = useCommands();
  return useQuery({ queryKey: keys.totals(workspace), queryFn: () => commands.totals({ workspace }) });
}

function Age({ at }: { at: number }) {
  const { t, format } = useI18n();
  const now = useNow(20_000);
  const ago = format.ago(at, Math.max(now, at));
  return <span title={format.moment(at)}>{ago === null ? t("sync.now") : t("sync.age", { ago })}</span>;
}

function Reading({ view }: { view: Extract<ReadView, { kind: "reading" }> }) {
  const { t } = useI18n();
  const commands = useCommands();
  const cancel = useMutation({ mutationFn: () => commands.sync_cancel() });
  const { done, total } = view;
  const share = total === null || total === 0 ? null : Math.min(1, done / total);
  return (
    <>
      <span
        className={share === null ? "bar slim open" : "bar slim"}
        role="progressbar"
        aria-label={t("sync.progress")}
        aria-valuemin={0}
        aria-valuemax={total ?? undefined}
        aria-valuenow={share === null ? undefined : done}
      >
        <i style={share === null ? undefined : { width: `${share * 100}%` }} />
      </span>
      <span className="num">
        {total === null ? t("sync.readingOpen", { done }) : t("sync.reading", { done, total })}
      </span>
      <Button look="quiet" small busy={cancel.isPending} onPress={() => cancel.mutate()}>
        {t("sync.cancel")}
      </Button>
    </>
  );
}

export function Foot({ workspace, selectable = true }: { workspace: WorkspaceId; selectable?: boolean }) {
  const { t } = useI18n();
  const commands = useCommands();
  const sync = useSync(workspace).data;
  const read = sync?.read;
  const at = wholeAt(sync);
  const totals = useTotals(workspace).data;
  const signInAgain = useContext(SignInAgain);
  const start = useMutation({
    mutationFn: () => commands.sync_start(),
    // Any other failure is told by the read itself.
    onError: (refusal) => {
      if (asAppError(refusal).code === "sessionEnded") signInAgain?.open();
    },
  });
  return (
    <div className="foot">
      <KeptMark sync={sync} />
      {read?.kind === "reading" ? (
        <Reading view={read} />
      ) : (
        <>
          {at !== null ? sync?.lists.kind === "read" && <Age at={at} /> : <span>{t("sync.never")}</span>}
          <Button
            look="quiet"
            small
            className="icon"
            aria-label={t("sync.refresh")}
            hint={t("sync.refresh")}
            busy={start.isPending}
            onPress={() => start.mutate()}
          >
            {!start.isPending && <RefreshIcon />}
          </Button>
        </>
      )}
      {totals && (
        <span className="num cut">
          {t("totals.people", { n: totals.users })} · {t("totals.groups", { n: totals.groups })}
        </span>
      )}
      {read?.kind === "done" && read.skipped > 0 && (
        <span className="num cut">{t("sync.skipped", { n: read.skipped })}</span>
      )}
      <DroppedNote sync={sync} />
      <span className="keys" aria-hidden="true">
        <span>
          <kbd>↑↓</kbd> {t("keys.move")}
        </span>
        {selectable && (
          <span>
            <kbd>{t("keys.space")}</kbd> {t("keys.select")}
          </span>
        )}
        <span>
          <kbd>/</kbd> {t("keys.search")}
        </span>
      </span>
    </div>
  );
}
