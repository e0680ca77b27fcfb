// Owns the page of people: the grid, its filters, its selection, and the detail beside it.

import { useMemo } from "react";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { Foreign } from "../../components/Foreign";
import { CrossIcon } from "../../components/icons";
import { called, Empty, originName, StateDot, settingsText } from "../../components/parts";
import { countSelected, everything, noSelection } from "../../components/selection";
import { useI18n } from "../../i18n";
import type { UserColumn, UserId, UserRow } from "../../ipc/bindings";
import { useShell } from "../shell/context";
import { Foot, useSync } from "../shell/Foot";
import { SyncProblem, useNothingRead } from "../shell/ListState";
import { isFiltering, NO_FILTERS, toWire, type UserList } from "../shell/lists";
import { FilterChips } from "./FilterChips";
import { UserDetailPane } from "./UserDetail";
import { useUserRows } from "./useUserRows";

type Name = UserColumn | "settings";

export function useUserColumns(): readonly Column<UserRow, Name>[] {
  const { t } = useI18n();
  return useMemo(
    () => [
      {
        name: "name",
        label: t("users.name"),
        width: "minmax(0, 1.15fr)",
        cell: (row) =>
          row.name ? (
            <span className="name">
              <Foreign text={row.name} />
            </span>
          ) : (
            <span className="dim">{t("users.nameless")}</span>
          ),
        text: (row) => row.name,
      },
      {
        name: "email",
        label: t("users.email"),
        width: "minmax(0, 1.3fr)",
        cell: (row) => (
          <span className="dim">
            <Foreign text={row.email} />
          </span>
        ),
        text: (row) => row.email,
      },
      {
        name: "groups",
        label: t("users.groups"),
        width: "minmax(0, 1.2fr)",
        from: 640,
        cell: (row) => {
          // Two fit at the usual width; the rest is a number, the detail names them all.
          const shown = row.groups.slice(0, row.groupCount > 2 ? 1 : 2);
          const more = row.groupCount - shown.length;
          return (
            <span className="tags">
              {shown.map((group) => (
                <span key={group.id} className="tag">
                  <Foreign text={group.name} />
                </span>
              ))}
              {more > 0 && <span className="more num">{t("users.more", { count: more })}</span>}
            </span>
          );
        },
        text: (row) => {
          const more = row.groupCount - row.groups.length;
          const names = row.groups.map((group) => group.name).join(", ");
          return more > 0 ? `${names}, +${more}` : names;
        },
      },
      {
        name: "role",
        label: t("users.role"),
        width: "64px",
        from: 540,
        cell: (row) => t(`role.${row.role}`),
        text: (row) => t(`role.${row.role}`),
      },
      {
        name: "state",
        label: t("users.state"),
        width: "96px",
        cell: (row) => <StateDot state={row.state} />,
        text: (row) => t(`stateLong.${row.state}`),
      },
      {
        name: "settings",
        label: t("users.settings"),
        width: "minmax(0, 1fr)",
        from: 900,
        sortable: false,
        cell: (row) => <span className="dim">{settingsText(row, t)}</span>,
        text: (row) => settingsText(row, t),
      },
      {
        name: "origin",
        label: t("users.origin"),
        width: "64px",
        from: 1000,
        cell: (row) => <Foreign text={originName(row.origin, t)} />,
        text: (row) => originName(row.origin, t),
      },
    ],
    [t],
  );
}

export function Users({ list }: { list: UserList }) {
  const { t, counted } = useI18n();
  const { workspace, change } = useShell();
  const sync = useSync(workspace).data;
  const rows = useUserRows(workspace, list.scope, list.sort.column, list.sort.descending);
  const columns = useUserColumns();
  const nothing = useNothingRead(sync, rows.error, rows.retry);
  const filtering = isFiltering(list.filters);
  const narrowed = filtering || list.search.trim() !== "";
  const selected = countSelected(list.selection, rows.matched);
  const shownId: UserId | null = list.pinned ?? list.cursor?.id ?? null;
  const cursorRow = list.cursor && list.cursor.id === shownId ? rows.row(list.cursor.index) : undefined;
  const waiting = rows.loading || nothing.waiting;

  const begin = (verb: "add" | "remove") =>
    change({
      kind: "selection",
      verb,
      users: toWire(list.selection, list.scope),
      count: selected,
      onDone: () => list.setSelection(noSelection),
    });

  return (
    <>
      <main className="list">
        <div className="head">
          <h1>{t("users.title")}</h1>
          <span className="count num" role="status">
            {waiting || nothing.instead
              ? ""
              : narrowed
                ? t("users.countFiltered", { n: rows.total, matched: rows.matched })
                : t("users.count", { n: rows.total })}
          </span>
        </div>
        <FilterChips workspace={workspace} search={list.search} filters={list.filters} onChange={list.setFilters} />
        <SyncProblem sync={sync} />
        {nothing.instead ? (
          <div className="gridbox centered">{nothing.instead}</div>
        ) : (
          <DataGrid<UserRow, UserId, Name>
            label={t("users.title")}
            question={rows.question}
            columns={columns}
            rows={nothing.waiting ? { ...rows, loading: true, row: () => undefined } : rows}
            idOf={(row) => row.id}
            nameOf={called}
            sort={list.sort}
            onSort={(sort) => {
              if (sort.column !== "settings") list.setSort({ column: sort.column, descending: sort.descending });
            }}
            cursor={list.cursor}
            goTo={list.pinned}
            onCursor={(cursor, byPerson) => {
              if (byPerson) list.pin(null);
              list.setCursor(cursor);
            }}
            selection={{ state: list.selection, onChange: list.setSelection }}
            barOver={selected > 0}
            onOpen={() => document.querySelector<HTMLElement>(".detail button:not([disabled])")?.focus()}
            empty={
              narrowed ? (
                <Empty
                  title={t("users.noMatchTitle")}
                  lead={
                    list.search.trim() === ""
                      ? t("users.noMatchFilters")
                      : t("users.noMatchSearch", { search: list.search.trim() })
                  }
                >
                  {list.search !== "" && <Button onPress={() => list.setSearch("")}>{t("common.clearSearch")}</Button>}
                  {filtering && (
                    <Button look={list.search === "" ? "plain" : "quiet"} onPress={() => list.setFilters(NO_FILTERS)}>
                      {t("users.clearFilters")}
                    </Button>
                  )}
                </Empty>
              ) : (
                <Empty title={t("users.emptyTitle")} lead={t("users.emptyLead")} />
              )
            }
          />
        )}
        {selected > 0 && (
          <div className="selbar" role="toolbar" aria-label={t("grid.selection")}>
            <span className="num">{counted("grid.selected", { n: selected })}</span>
            {selected < rows.matched && (
              <Button look="quiet" className="all" onPress={() => list.setSelection(() => everything())}>
                {t("grid.selectAllN", { n: rows.matched })}
              </Button>
            )}
            <Button look="go" onPress={() => begin("add")}>
              {t("users.addToGroups")}
            </Button>
            <Button onPress={() => begin("remove")}>{t("users.removeFromGroups")}</Button>
            <Button
              look="quiet"
              className="icon"
              aria-label={t("grid.clearSelection")}
              hint={t("grid.clearSelection")}
              onPress={() => list.setSelection(noSelection)}
            >
              <CrossIcon />
            </Button>
          </div>
        )}
        <Foot workspace={workspace} />
      </main>
      <aside className="detail" aria-label={t("shell.detail")}>
        {shownId ? (
          <UserDetailPane id={shownId} row={cursorRow} />
        ) : (
          !waiting && !nothing.instead && rows.matched > 0 && <Empty title="" lead={t("users.pick")} />
        )}
      </aside>
    </>
  );
}
