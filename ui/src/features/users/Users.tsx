// Owns the page of users: the grid, its filters, its selection, and the detail beside it.

import { memo, useLayoutEffect, useState } from "react";
import { Button } from "../../components/Button";
import { ColumnsMenu } from "../../components/ColumnsMenu";
import { DataGrid } from "../../components/DataGrid";
import { CrossIcon } from "../../components/icons";
import { KeysHelp } from "../../components/KeysHelp";
import { called, Empty } from "../../components/parts";
import { countSelected, everything, noSelection } from "../../components/selection";
import { useAfterRows, useHeld, useStill } from "../../components/useStill";
import { useI18n } from "../../i18n";
import type { ColumnChoice, ListName, ListSettings, UserId, UserRow } from "../../ipc/bindings";
import { useShell } from "../shell/context";
import { Foot, useSync } from "../shell/Foot";
import { SyncProblem, useNothingRead } from "../shell/ListState";
import { isFiltering, NO_FILTERS, toWire, type UserList } from "../shell/lists";
import { useLists } from "../views/useLists";
import { useGoneGroups, useViews, type Views } from "../views/useViews";
import { ViewName } from "../views/ViewName";
import { ViewNotes } from "../views/ViewNotes";
import { useViewKeys, ViewsMenu } from "../views/ViewsMenu";
import { isSortable, type UserColumnName, useUserColumns } from "./columns";
import { FilterChips } from "./FilterChips";
import { UserDetailPane } from "./UserDetail";
import { useMembers } from "./useMembers";
import { useUserRows } from "./useUserRows";

// The page is drawn with each new page of rows, which changes nothing in these.
const Chips = memo(FilterChips);
const FootLine = memo(Foot);
const Detail = memo(UserDetailPane);
/** A letter typed in the search changes nothing in these that can't wait until the typing stops. */
const HeadMenus = memo(
  function HeadMenus({
    views,
    columns,
    list,
    onLayout,
    width,
  }: {
    views: Views;
    columns: ReturnType<typeof useUserColumns>;
    list: UserList;
    onLayout: (layout: ColumnChoice[]) => void;
    width: number;
    typing: boolean;
  }) {
    return (
      <>
        <ViewsMenu views={views} />
        <ColumnsMenu columns={columns} layout={list.columns} onLayout={onLayout} width={width} />
      </>
    );
  },
  (_, { typing }) => typing,
);

export function Users({ list }: { list: UserList }) {
  const { t } = useI18n();
  const { workspace } = useShell();
  const { lists, keepColumns } = useLists(workspace);
  const { begun, begin } = list;
  // The remembered settings are applied before the first row is drawn: nothing jumps.
  useLayoutEffect(() => {
    if (lists && !begun) begin(lists);
  }, [lists, begun, begin]);
  if (lists && begun) return <UserPage list={list} lists={lists} keepColumns={keepColumns} />;
  return (
    <>
      <main className="list">
        <div className="head">
          <h1>{t("users.title")}</h1>
        </div>
      </main>
      <aside className="detail" aria-label={t("shell.detail")} />
    </>
  );
}

function UserPage({
  list,
  lists,
  keepColumns,
}: {
  list: UserList;
  lists: ListSettings;
  keepColumns: (list: ListName, columns: ColumnChoice[]) => void;
}) {
  const { t, counted } = useI18n();
  const { workspace, organization, change } = useShell();
  const sync = useSync(workspace).data;
  const [width, setWidth] = useState(Number.POSITIVE_INFINITY);
  const rows = useUserRows(workspace, list.scope, list.sort.column, list.sort.descending);
  const members = useMembers(workspace, list.scope, list.sort);
  const columns = useUserColumns();
  const views = useViews(workspace, lists, list, columns);
  useViewKeys(views);
  const whole = sync?.lists.kind === "saved" || sync?.lists.kind === "read";
  const gone = useGoneGroups(workspace, list, whole && !rows.loading && rows.error === null);
  const nothing = useNothingRead(sync, rows.error, rows.retry);
  const filtering = isFiltering(list.filters);
  const narrowed = filtering || list.search.trim() !== "";
  const selected = countSelected(list.selection, rows.matched);
  // While a search is typed, the first row changes with each letter: the detail waits until the typing stops.
  const search = useStill(list.search);
  const typing = search !== list.search;
  const shownId: UserId | null = useHeld(list.pinned ?? list.cursor?.id ?? null, typing);
  const cursorRow = list.cursor && list.cursor.id === shownId ? rows.row(list.cursor.index) : undefined;
  const waiting = rows.loading || nothing.waiting;
  const around = useAfterRows(!waiting);

  const onLayout = (next: ColumnChoice[]) => {
    list.setColumns(next);
    // A saved view has its own columns, which "Update" saves.
    if (list.view === null) keepColumns("users", next);
  };

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
          <span className="count num grow" role="status">
            {waiting || nothing.instead
              ? ""
              : narrowed
                ? t("users.countFiltered", { n: rows.total, matched: rows.matched })
                : t("users.count", { n: rows.total })}
          </span>
          {around && (
            <HeadMenus views={views} columns={columns} list={list} onLayout={onLayout} width={width} typing={typing} />
          )}
        </div>
        {around ? (
          <Chips workspace={workspace} search={search} filters={list.filters} onChange={list.setFilters} />
        ) : (
          <div className="filters" />
        )}
        <ViewNotes views={views} gone={gone} />
        <SyncProblem sync={sync} />
        {nothing.instead ? (
          <div className="gridbox centered">{nothing.instead}</div>
        ) : (
          <DataGrid<UserRow, UserId, UserColumnName>
            label={t("users.title")}
            question={rows.question}
            search={list.search}
            onEscape={() => list.setSearch("")}
            columns={columns}
            layout={list.columns}
            onLayout={onLayout}
            onWidth={setWidth}
            rows={nothing.waiting ? { ...rows, loading: true, row: () => undefined } : rows}
            idOf={(row) => row.id}
            nameOf={called}
            sort={list.sort}
            onSort={(sort) => {
              if (isSortable(sort.column)) list.setSort({ column: sort.column, descending: sort.descending });
            }}
            cursor={list.cursor}
            goTo={list.pinned}
            onCursor={(cursor, byPerson) => {
              if (byPerson) list.pin(null);
              list.setCursor(cursor);
            }}
            selection={{ state: list.selection, onChange: list.setSelection, members }}
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
        {around ? <FootLine workspace={workspace} /> : <div className="foot" />}
      </main>
      <aside className="detail" aria-label={t("shell.detail")}>
        {shownId ? (
          <Detail id={shownId} row={cursorRow} />
        ) : (
          !waiting && !nothing.instead && rows.matched > 0 && <Empty title="" lead={t("users.pick")} />
        )}
      </aside>
      {views.naming && <ViewName views={views} />}
      <KeysHelp color={organization.color} />
    </>
  );
}
