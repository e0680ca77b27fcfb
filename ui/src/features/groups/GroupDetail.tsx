// Owns the detail of one group: its members with their selection, its settings, the ways to change it. Must
// never offer a change that Azure would undo.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components/Tabs";
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { originName } from "../../components/parts";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import { sanitizeForDisplay } from "../../i18n/sanitize";
import type { GroupId, GroupRow } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { useShell } from "../shell/context";
import { useRevalidate } from "../shell/useRevalidate";
import { DeleteGroup } from "./DeleteGroup";
import { GroupForm } from "./GroupForm";
import { GroupMembers } from "./GroupMembers";

export function GroupDetailPane({
  id,
  row,
  tab,
  onTab,
  onDeleted,
}: {
  id: GroupId;
  row: GroupRow | undefined;
  /** The open tab; it stays when another group is shown. */
  tab: string;
  onTab: (tab: string) => void;
  onDeleted: () => void;
}) {
  const { t } = useI18n();
  const { workspace, expired } = useShell();
  const commands = useCommands();
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const [deleted, setDeleted] = useState(false);
  const queryKey = queryKeys.group(workspace, id);
  const query = useQuery({
    queryKey,
    queryFn: () => commands.group({ workspace, id }),
    enabled: !deleted,
  });
  const revalidation = useRevalidate(queryKey, id, () => commands.group_read({ workspace, id }), !expired);
  const group = query.data ?? row;
  const problem = deleted ? null : (revalidation.error ?? (query.error ? asAppError(query.error) : null));
  const gone = problem?.code === "groupGone";

  if (deleted) return null;
  if (!group) return problem ? <ErrorAlert error={problem} onRetry={revalidation.retry} /> : null;
  const azure = group.origin.kind === "azure";
  const why = azure ? t("group.azureLead") : undefined;
  return (
    <section className="detail-content" aria-label={t("group.region", { name: group.name })}>
      <div className="detail-header stacked">
        <div className="selectable">
          <h2 title={sanitizeForDisplay(group.name)}>
            <UntrustedText text={group.name} />
          </h2>
          <p className="tabular-nums">
            {t("group.memberCount", { n: group.members })} · {t("group.printerCount", { n: group.printers })}
          </p>
        </div>
        <div className="button-row">
          <Button small isDisabled={azure || gone} tooltip={why} onPress={() => setOpen("edit")}>
            {t("group.edit")}
          </Button>
          <Button small variant="danger" isDisabled={azure || gone} tooltip={why} onPress={() => setOpen("delete")}>
            {t("group.delete")}
          </Button>
        </div>
      </div>
      {azure && (
        <div className="note neutral">
          <strong>{t("group.azureTitle")}</strong>
          {t("group.azureLead")}
        </div>
      )}
      {gone ? (
        <div className="note" role="alert">
          <strong>{t("group.gone")}</strong>
          {t("group.goneLead")}
        </div>
      ) : (
        problem && <ErrorAlert error={problem} onRetry={revalidation.retry} />
      )}
      <Tabs className="tabs" selectedKey={tab} onSelectionChange={(key) => onTab(String(key))}>
        <TabList className="tab-list" aria-label={t("group.tabs", { name: group.name })}>
          <Tab id="members" className="tab">
            {t("group.members")}
          </Tab>
          <Tab id="settings" className="tab">
            {t("group.settings")}
          </Tab>
        </TabList>
        <TabPanel id="members" className="tab-panel">
          <GroupMembers group={group} locked={gone ? t("group.gone") : why} />
        </TabPanel>
        <TabPanel id="settings" className="tab-panel scroll">
          <section>
            <h3>{t("group.settingsSection")}</h3>
            <dl className="facts">
              <dt>{t("groupForm.local")}</dt>
              <dd className={group.localPrinting ? undefined : "secondary"}>
                {group.localPrinting ? t("common.on") : t("common.off")}
              </dd>
              <dt>{t("groupForm.my")}</dt>
              <dd className={group.myPrinters ? undefined : "secondary"}>
                {group.myPrinters ? t("common.on") : t("common.off")}
              </dd>
            </dl>
          </section>
          <section>
            <h3>{t("group.general")}</h3>
            <dl className="facts">
              <dt>{t("group.description")}</dt>
              <dd className={group.description ? undefined : "secondary"}>
                <UntrustedText text={group.description || t("group.noDescription")} />
              </dd>
              <dt>{t("groups.origin")}</dt>
              <dd>
                <UntrustedText text={originName(group.origin, t)} />
              </dd>
              <dt>{t("user.id")}</dt>
              <dd className="mono">{group.id}</dd>
            </dl>
          </section>
        </TabPanel>
      </Tabs>
      {open === "edit" && <GroupForm group={group} onClose={() => setOpen(null)} />}
      {open === "delete" && (
        <DeleteGroup
          group={group}
          onClose={(done) => {
            setOpen(null);
            if (done) {
              setDeleted(true);
              onDeleted();
            }
          }}
        />
      )}
    </section>
  );
}
