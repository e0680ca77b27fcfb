// Owns the page of groups: the grid, "New group", and the detail beside it.

import { useMemo, useState } from "react";
import { Button } from "../../components/Button";
import { ColumnsMenu } from "../../components/ColumnsMenu";
import type { Column } from "../../components/columns";
import { DataGrid } from "../../components/DataGrid";
import { KeyboardShortcuts } from "../../components/KeyboardShortcuts";
import { EmptyState, originName, SecondaryText } from "../../components/parts";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import type { ColumnChoice, GroupColumn, GroupId, GroupRow } from "../../ipc/bindings";
import { useShell } from "../shell/context";
import { SyncError, useListPlaceholder } from "../shell/ListPlaceholder";
import type { GroupListState } from "../shell/listState";
import { StatusBar, useSync } from "../shell/StatusBar";
import { useListPreferences } from "../views/useListPreferences";
import { GroupDetailPane } from "./GroupDetail";
import { GroupForm } from "./GroupForm";
import { useGroupRows } from "./useGroupRows";

type Name = GroupColumn | "localPrinting" | "myPrinters" | "id";

const NOT_SORTED: readonly Name[] = ["localPrinting", "myPrinters", "id"];

function isSortable(name: Name): name is GroupColumn {
  return !NOT_SORTED.includes(name);
}

function useGroupColumns(): readonly Column<GroupRow, Name>[] {
  const { t, format } = useI18n();
  return useMemo(
    () => [
      {
        name: "name",
        label: t("groups.name"),
        width: { flex: 1.2 },
        minWidth: 110,
        alwaysShown: true,
        cell: (row) => (
          <span className="name">
            <UntrustedText text={row.name} />
          </span>
        ),
        text: (row) => row.name,
      },
      {
        name: "description",
        label: t("groups.description"),
        width: { flex: 1.5 },
        minGridWidth: 560,
        cell: (row) => <SecondaryText text={row.description} />,
        text: (row) => row.description,
      },
      {
        name: "origin",
        label: t("groups.origin"),
        width: 72,
        minWidth: 48,
        cell: (row) =>
          row.origin.kind === "azure" ? (
            <span className="tag">{t("origin.azure")}</span>
          ) : (
            <SecondaryText text={originName(row.origin, t)} />
          ),
        text: (row) => originName(row.origin, t),
      },
      {
        name: "members",
        label: t("groups.members"),
        width: 92,
        minWidth: 56,
        alignEnd: true,
        cell: (row) => format.number(row.members),
        text: (row) => t("group.memberCount", { n: row.members }),
      },
      {
        name: "printers",
        label: t("groups.printers"),
        width: 78,
        minWidth: 56,
        minGridWidth: 460,
        alignEnd: true,
        cell: (row) => format.number(row.printers),
        text: (row) => t("group.printerCount", { n: row.printers }),
      },
      ...(["localPrinting", "myPrinters"] as const).map((setting) => ({
        name: setting,
        label: t(`setting.${setting}`),
        width: 104,
        hiddenByDefault: true,
        sortable: false,
        cell: (row: GroupRow) => (
          <span className={row[setting] ? undefined : "secondary"}>
            {row[setting] ? t("common.on") : t("common.off")}
          </span>
        ),
        text: (row: GroupRow) => (row[setting] ? t("common.on") : t("common.off")),
      })),
      {
        name: "id",
        label: t("users.id"),
        width: { flex: 1 },
        hiddenByDefault: true,
        sortable: false,
        cell: (row) => <SecondaryText mono text={row.id} />,
        text: (row) => row.id,
      },
    ],
    [t, format],
  );
}

export function Groups({ list }: { list: GroupListState }) {
  const { t } = useI18n();
  const { workspace, organization } = useShell();
  const { preferences, saveColumns } = useListPreferences(workspace);
  const [width, setWidth] = useState(Number.POSITIVE_INFINITY);
  const layout = preferences?.columns.groups ?? [];
  const onLayout = (next: ColumnChoice[]) => saveColumns("groups", next);
  const sync = useSync(workspace).data;
  const rows = useGroupRows(workspace, list.search, list.sort.column, list.sort.descending);
  const columns = useGroupColumns();
  const nothing = useListPlaceholder(sync, rows.error, rows.retry);
  const [creating, setCreating] = useState(false);
  const [tab, setTab] = useState("members");
  const narrowed = list.search.trim() !== "";
  const shownId: GroupId | null = list.pinned ?? list.cursor?.id ?? null;
  const cursorRow = list.cursor && list.cursor.id === shownId ? rows.rowAt(list.cursor.index) : undefined;
  const waiting = rows.isLoading || nothing.waiting || preferences === null;

  return (
    <>
      <main className="list">
        <div className="list-header">
          <h1>{t("groups.title")}</h1>
          <span className="count tabular-nums grow" role="status">
            {waiting || nothing.placeholder
              ? ""
              : narrowed
                ? t("groups.countFiltered", { n: rows.total, matched: rows.matched })
                : t("groups.count", { n: rows.total })}
          </span>
          <ColumnsMenu columns={columns} layout={layout} onLayout={onLayout} width={width} />
          <Button isDisabled={waiting || nothing.placeholder !== null} onPress={() => setCreating(true)}>
            {t("groups.new")}
          </Button>
        </div>
        <SyncError sync={sync} />
        {nothing.placeholder ? (
          <div className="grid-container centered">{nothing.placeholder}</div>
        ) : preferences === null ? (
          <div className="grid-container" />
        ) : (
          <DataGrid<GroupRow, GroupId, Name>
            label={t("groups.title")}
            queryHash={rows.queryHash}
            search={list.search}
            onEscape={() => list.setSearch("")}
            columns={columns}
            layout={layout}
            onLayout={onLayout}
            onWidth={setWidth}
            rows={nothing.waiting ? { ...rows, isLoading: true, rowAt: () => undefined } : rows}
            idOf={(row) => row.id}
            nameOf={(row) => row.name}
            sort={list.sort}
            onSort={(sort) => {
              if (isSortable(sort.column)) list.setSort({ column: sort.column, descending: sort.descending });
            }}
            cursor={list.cursor}
            goTo={list.pinned}
            onCursor={(cursor, byUser) => {
              if (byUser) list.pin(null);
              list.setCursor(cursor);
            }}
            onOpen={() => document.querySelector<HTMLElement>(".detail [role=tab][aria-selected=true]")?.focus()}
            empty={
              narrowed ? (
                <EmptyState
                  title={t("groups.noMatchTitle")}
                  lead={t("groups.noMatchSearch", { search: list.search.trim() })}
                >
                  <Button onPress={() => list.setSearch("")}>{t("common.clearSearch")}</Button>
                </EmptyState>
              ) : (
                // The button for it is at the top right, with the same name.
                <EmptyState title={t("groups.emptyTitle")} lead={t("groups.emptyLead")} />
              )
            }
          />
        )}
        <StatusBar workspace={workspace} selectable={false} />
      </main>
      <aside className="detail" aria-label={t("shell.detail")}>
        {shownId ? (
          <GroupDetailPane
            key={shownId}
            id={shownId}
            row={cursorRow}
            tab={tab}
            onTab={setTab}
            onDeleted={() => {
              list.pin(null);
              list.setCursor(null);
            }}
          />
        ) : (
          !waiting && !nothing.placeholder && rows.matched > 0 && <EmptyState title="" lead={t("groups.pick")} />
        )}
      </aside>
      <KeyboardShortcuts color={organization.color} selectable={false} />
      {creating && (
        <GroupForm
          group={null}
          onClose={(made) => {
            setCreating(false);
            if (made) list.pin(made.id);
          }}
        />
      )}
    </>
  );
}
