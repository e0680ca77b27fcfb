// Owns the mark of lists that come from a saved copy: their age.
import { useI18n } from "../../i18n";
import type { SyncView } from "../../ipc/bindings";
import { useNow } from "./useNow";

/** The age of the lists while they come from a saved copy; the exact time in the title. */
export function CachedDataBadge({ sync }: { sync: SyncView | undefined }) {
  const { t, format } = useI18n();
  const now = useNow(20_000);
  if (sync?.lists.kind !== "saved") return null;
  const { at } = sync.lists;
  const ago = format.ago(at, Math.max(now, at));
  return (
    <span className="cached-data" title={t("sync.keptAt", { when: format.moment(at) })}>
      {ago === null ? t("sync.asOfNow") : t("sync.asOf", { ago })}
    </span>
  );
}
