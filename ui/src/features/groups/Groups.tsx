// Owns the page of groups: the grid, "New group", and the detail beside it.

import { useMemo, useState } from "react";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { Foreign } from "../../components/Foreign";
import { Empty, originName } from "../../components/parts";
import { useI18n } from "../../i18n";
import type { GroupColumn, GroupId, GroupRow } from "../../ipc/bindings";
import { useShell } from "../shell/context";
import { Foot, useSync } from "../shell/Foot";
import { SyncProblem, useNothingRead } from "../shell/ListState";
import type { GroupList } from "../shell/lists";
import { GroupDetailPane } from "./GroupDetail";
import { GroupForm } from "./GroupForm";
import { useGroupRows } from "./useGroupRows";

function useGroupColumns(): readonly Column<GroupRow, GroupColumn>[] {
  const { t, format } = useI18n();
  return useMemo(
    () => [
      {
        name: "name",
        label: t("groups.name"),
        width: "minmax(0, 1.2fr)",
        cell: (row) => (
          <span className="name">
            <Foreign text={row.name} />
          </span>
        ),
        text: (row) => row.name,
      },
      {
        name: "description",
        label: t("groups.description"),
        width: "minmax(0, 1.5fr)",
        from: 560,
        cell: (row) => (
          <span className="dim">
            <Foreign text={row.description} />
          </span>
        ),
        text: (row) => row.description,
      },
      {
        name: "origin",
        label: t("groups.origin"),
        width: "72px",
        cell: (row) =>
          row.origin.kind === "azure" ? (
            <span className="tag">{t("origin.azure")}</span>
          ) : (
            <span className="dim">
              <Foreign text={originName(row.origin, t)} />
            </span>
          ),
        text: (row) => originName(row.origin, t),
      },
      {
        name: "members",
        label: t("groups.members"),
        width: "92px",
        right: true,
        cell: (row) => format.number(row.members),
        text: (row) => t("group.memberCount", { n: row.members }),
      },
      {
        name: "printers",
        label: t("groups.printers"),
        width: "78px",
        from: 460,
        right: true,
        cell: (row) => format.number(row.printers),
        text: (row) => t("group.printerCount", { n: row.printers }),
      },
    ],
    [t, format],
  );
}

export function Groups({ list }: { list: GroupList }) {
  const { t } = useI18n();
  const { workspace } = useShell();
  const sync = useSync(workspace).data;
  const rows = useGroupRows(workspace, list.search, list.sort.column, list.sort.descending);
  const columns = useGroupColumns();
  const nothing = useNothingRead(sync, rows.error, rows.retry);
  const [creating, setCreating] = useState(false);
  const [tab, setTab] = useState("members");
  const narrowed = list.search.trim() !== "";
  const shownId: GroupId | null = list.pinned ?? list.cursor?.id ?? null;
  const cursorRow = list.cursor && list.cursor.id === shownId ? rows.row(list.cursor.index) : undefined;
  const waiting = rows.loading || nothing.waiting;

  return (
    <>
      <main className="list">
        <div className="head">
          <h1>{t("groups.title")}</h1>
          <span className="count num grow" role="status">
            {waiting || nothing.instead
              ? ""
              : narrowed
                ? t("groups.countFiltered", { n: rows.total, matched: rows.matched })
                : t("groups.count", { n: rows.total })}
          </span>
          <Button isDisabled={waiting || nothing.instead !== null} onPress={() => setCreating(true)}>
            {t("groups.new")}
          </Button>
        </div>
        <SyncProblem sync={sync} />
        {nothing.instead ? (
          <div className="gridbox centered">{nothing.instead}</div>
        ) : (
          <DataGrid<GroupRow, GroupId, GroupColumn>
            label={t("groups.title")}
            question={rows.question}
            columns={columns}
            rows={nothing.waiting ? { ...rows, loading: true, row: () => undefined } : rows}
            idOf={(row) => row.id}
            nameOf={(row) => row.name}
            sort={list.sort}
            onSort={list.setSort}
            cursor={list.cursor}
            goTo={list.pinned}
            onCursor={(cursor, byPerson) => {
              if (byPerson) list.pin(null);
              list.setCursor(cursor);
            }}
            onOpen={() => document.querySelector<HTMLElement>(".detail [role=tab][aria-selected=true]")?.focus()}
            empty={
              narrowed ? (
                <Empty
                  title={t("groups.noMatchTitle")}
                  lead={t("groups.noMatchSearch", { search: list.search.trim() })}
                >
                  <Button onPress={() => list.setSearch("")}>{t("common.clearSearch")}</Button>
                </Empty>
              ) : (
                // The button for it is at the top right, by the one name it has.
                <Empty title={t("groups.emptyTitle")} lead={t("groups.emptyLead")} />
              )
            }
          />
        )}
        <Foot workspace={workspace} selectable={false} />
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
          !waiting && !nothing.instead && rows.matched > 0 && <Empty title="" lead={t("groups.pick")} />
        )}
      </aside>
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
