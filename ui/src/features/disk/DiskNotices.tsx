// Owns the notices about files and keychain records that could not be read or written, over every screen
// until closed. Must never branch on the system's message, only on subject and problem.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Button } from "../../components/Button";
import { UntrustedText } from "../../components/UntrustedText";
import { type I18n, useI18n } from "../../i18n";
import type { DiskNotice } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";

const fileNameOf = (path: string) => path.split(/[/\\]/).pop() ?? path;

/** What happened to the file or record. */
function outcome({ t }: I18n, { problem, path, setAside }: DiskNotice): string {
  switch (problem) {
    case "damaged":
      return setAside === null ? t("disk.left") : t("disk.setAside", { name: fileNameOf(setAside) });
    case "missing":
      return setAside === null ? t("disk.missing") : t("disk.sealedSetAside", { name: fileNameOf(setAside) });
    case "partly":
      return t("disk.partlyLeft");
    case "denied":
      return t("disk.deniedLeft", { name: fileNameOf(path) });
    case "busy":
      return t("disk.busyLeft");
    case "diskFull":
      return t("disk.fullLeft");
    case "failed":
      return t("disk.failedLeft");
    case "notWritten":
      return t("disk.notWrittenLeft");
  }
}

function Notice({ notice, onClose }: { notice: DiskNotice; onClose: () => void }) {
  const i18n = useI18n();
  const { t } = i18n;
  const commands = useCommands();
  const client = useQueryClient();
  const close = useMutation({
    mutationFn: () => commands.disk_notice_close({ id: notice.id }),
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.notices }),
  });
  const { what, problem, path, setAside, detail } = notice;
  return (
    <div className="alert" role="alert">
      <strong>{t(`disk.title.${problem}`, { what: t(`disk.what.${what}`) })}</strong>
      <span>
        {outcome(i18n, notice)} {t(`disk.next.${what}`)}
      </span>
      <details>
        <summary>{t("common.details")}</summary>
        <p className="selectable">{path}</p>
        {setAside !== null && <p className="selectable">{t("disk.now", { path: setAside })}</p>}
        {detail !== null && (
          <p className="selectable">
            <UntrustedText text={detail} maxLength={500} />
          </p>
        )}
      </details>
      <div className="alert-actions">
        <Button
          variant="quiet"
          onPress={() => {
            onClose();
            close.mutate();
          }}
        >
          {t("common.dismiss")}
        </Button>
      </div>
    </div>
  );
}

export function DiskNotices() {
  const { t } = useI18n();
  const commands = useCommands();
  const { data } = useQuery({ queryKey: queryKeys.notices, queryFn: () => commands.disk_notices() });
  const section = useRef<HTMLElement>(null);
  const closing = useRef<{ id: number; place: number } | null>(null);

  // The pressed button disappears with its notice: the focus goes to the next notice, after the last one to
  // the window.
  useEffect(() => {
    if (!data || closing.current === null) return;
    const { id, place } = closing.current;
    if (data.some((notice) => notice.id === id)) return;
    closing.current = null;
    if (document.activeElement !== document.body) return;
    const left = section.current?.querySelectorAll<HTMLElement>(".alert-actions button") ?? [];
    const next =
      left[Math.min(place, left.length - 1)] ??
      document.querySelector<HTMLElement>("main [role=grid], main .sign-in-step") ??
      document.querySelector<HTMLElement>("main button");
    next?.focus();
  }, [data]);

  if (!data || data.length === 0) return null;
  return (
    <section ref={section} className="disk-notices" aria-label={t("disk.region")}>
      {data.map((notice, place) => (
        <Notice
          key={notice.id}
          notice={notice}
          onClose={() => {
            closing.current = { id: notice.id, place };
          }}
        />
      ))}
    </section>
  );
}
