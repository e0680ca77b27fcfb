// Owns the mark of lists that come from a saved copy: their age.
import { useI18n } from "../../i18n";
import type { SyncView } from "../../ipc/bindings";
import { useNow } from "./useNow";

/** How old the lists are, for as long as they come from the disk; the exact time in the title. */
export function KeptMark({ sync }: { sync: SyncView | undefined }) {
  const { t, format } = useI18n();
  const now = useNow(20_000);
  if (sync?.lists.kind !== "kept") return null;
  const { at } = sync.lists;
  const ago = format.ago(at, Math.max(now, at));
  return (
    <span className="kept-mark" title={t("sync.keptAt", { when: format.moment(at) })}>
      {ago === null ? t("sync.asOfNow") : t("sync.asOf", { ago })}
    </span>
  );
}
