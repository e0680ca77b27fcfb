// Owns the page of users: the grid, its filters, its selection, and the detail beside it.

import { memo, useLayoutEffect, useState } from "react";
import { Button } from "../../components/Button";
import { ColumnsMenu } from "../../components/ColumnsMenu";
import { DataGrid } from "../../components/DataGrid";
import { useDebouncedValue, useDeferUntilPainted, useFrozenWhile } from "../../components/debounce";
import { CrossIcon } from "../../components/icons";
import { KeyboardShortcuts } from "../../components/KeyboardShortcuts";
import { displayName, EmptyState } from "../../components/parts";
import { allMatching, countSelected, noSelection } from "../../components/selection";
import { useI18n } from "../../i18n";
import type { ColumnChoice, ListName, ListSettings, UserId, UserRow } from "../../ipc/bindings";
import { useShell } from "../shell/context";
import { SyncError, useListPlaceholder } from "../shell/ListPlaceholder";
import { isFiltering, NO_FILTERS, toWireSelection, type UserListState } from "../shell/listState";
import { StatusBar, useSync } from "../shell/StatusBar";
import { useListPreferences } from "../views/useListPreferences";
import { type SavedViews, useDeletedGroupFilters, useSavedViews } from "../views/useSavedViews";
import { ViewNameDialog } from "../views/ViewNameDialog";
import { ViewNotices } from "../views/ViewNotices";
import { useViewShortcuts, ViewsMenu } from "../views/ViewsMenu";
import { isSortable, type UserColumnName, useUserColumns } from "./columns";
import { FilterChips } from "./FilterChips";
import { UserDetailPane } from "./UserDetail";
import { useListIds } from "./useListIds";
import { useUserRows } from "./useUserRows";

// The page is drawn with each new page of rows, which changes nothing in these.
const Chips = memo(FilterChips);
const MemoStatusBar = memo(StatusBar);
const Detail = memo(UserDetailPane);
/** A letter typed in the search changes nothing in these that can't wait until the typing stops. */
const HeaderMenus = memo(
  function HeadMenus({
    views,
    columns,
    list,
    onLayout,
    width,
  }: {
    views: SavedViews;
    columns: ReturnType<typeof useUserColumns>;
    list: UserListState;
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

export function Users({ list }: { list: UserListState }) {
  const { t } = useI18n();
  const { workspace } = useShell();
  const { preferences, saveColumns } = useListPreferences(workspace);
  const { initialized, initialize } = list;
  // The remembered settings are applied before the first row is drawn: nothing jumps.
  useLayoutEffect(() => {
    if (preferences && !initialized) initialize(preferences);
  }, [preferences, initialized, initialize]);
  if (preferences && initialized) return <UserPage list={list} preferences={preferences} saveColumns={saveColumns} />;
  return (
    <>
      <main className="list">
        <div className="list-header">
          <h1>{t("users.title")}</h1>
        </div>
      </main>
      <aside className="detail" aria-label={t("shell.detail")} />
    </>
  );
}

function UserPage({
  list,
  preferences,
  saveColumns,
}: {
  list: UserListState;
  preferences: ListSettings;
  saveColumns: (list: ListName, columns: ColumnChoice[]) => void;
}) {
  const { t, counted } = useI18n();
  const { workspace, organization, startMembershipChange } = useShell();
  const sync = useSync(workspace).data;
  const [width, setWidth] = useState(Number.POSITIVE_INFINITY);
  const rows = useUserRows(workspace, list.scope, list.sort.column, list.sort.descending);
  const listIds = useListIds(workspace, list.scope, list.sort);
  const columns = useUserColumns();
  const views = useSavedViews(workspace, preferences, list, columns);
  useViewShortcuts(views);
  const whole = sync?.lists.kind === "saved" || sync?.lists.kind === "read";
  const gone = useDeletedGroupFilters(workspace, list, whole && !rows.isLoading && rows.error === null);
  const nothing = useListPlaceholder(sync, rows.error, rows.retry);
  const filtering = isFiltering(list.filters);
  const narrowed = filtering || list.search.trim() !== "";
  const selected = countSelected(list.selection, rows.matched);
  // While a search is typed, the first row changes with each letter: the detail waits until the typing stops.
  const search = useDebouncedValue(list.search);
  const typing = search !== list.search;
  const shownId: UserId | null = useFrozenWhile(list.pinned ?? list.cursor?.id ?? null, typing);
  const cursorRow = list.cursor && list.cursor.id === shownId ? rows.rowAt(list.cursor.index) : undefined;
  const waiting = rows.isLoading || nothing.waiting;
  const showSurroundings = useDeferUntilPainted(!waiting);

  const onLayout = (next: ColumnChoice[]) => {
    list.setColumns(next);
    // A saved view has its own columns, which "Update" saves.
    if (list.view === null) saveColumns("users", next);
  };

  const changeGroups = (verb: "add" | "remove") =>
    startMembershipChange({
      kind: "selection",
      verb,
      users: toWireSelection(list.selection, list.scope),
      count: selected,
      onDone: () => list.setSelection(noSelection),
    });

  return (
    <>
      <main className="list">
        <div className="list-header">
          <h1>{t("users.title")}</h1>
          <span className="count tabular-nums grow" role="status">
            {waiting || nothing.placeholder
              ? ""
              : narrowed
                ? t("users.countFiltered", { n: rows.total, matched: rows.matched })
                : t("users.count", { n: rows.total })}
          </span>
          {showSurroundings && (
            <HeaderMenus
              views={views}
              columns={columns}
              list={list}
              onLayout={onLayout}
              width={width}
              typing={typing}
            />
          )}
        </div>
        {showSurroundings ? (
          <Chips workspace={workspace} search={search} filters={list.filters} onChange={list.setFilters} />
        ) : (
          <div className="filters" />
        )}
        <ViewNotices views={views} gone={gone} />
        <SyncError sync={sync} />
        {nothing.placeholder ? (
          <div className="grid-container centered">{nothing.placeholder}</div>
        ) : (
          <DataGrid<UserRow, UserId, UserColumnName>
            label={t("users.title")}
            queryHash={rows.queryHash}
            search={list.search}
            onEscape={() => list.setSearch("")}
            columns={columns}
            layout={list.columns}
            onLayout={onLayout}
            onWidth={setWidth}
            rows={nothing.waiting ? { ...rows, isLoading: true, rowAt: () => undefined } : rows}
            idOf={(row) => row.id}
            nameOf={displayName}
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
            selection={{ state: list.selection, onChange: list.setSelection, listIds }}
            hasSelectionBar={selected > 0}
            onOpen={() => document.querySelector<HTMLElement>(".detail button:not([disabled])")?.focus()}
            empty={
              narrowed ? (
                <EmptyState
                  title={t("users.noMatchTitle")}
                  lead={
                    list.search.trim() === ""
                      ? t("users.noMatchFilters")
                      : t("users.noMatchSearch", { search: list.search.trim() })
                  }
                >
                  {list.search !== "" && <Button onPress={() => list.setSearch("")}>{t("common.clearSearch")}</Button>}
                  {filtering && (
                    <Button
                      variant={list.search === "" ? "plain" : "quiet"}
                      onPress={() => list.setFilters(NO_FILTERS)}
                    >
                      {t("users.clearFilters")}
                    </Button>
                  )}
                </EmptyState>
              ) : (
                <EmptyState title={t("users.emptyTitle")} lead={t("users.emptyLead")} />
              )
            }
          />
        )}
        {selected > 0 && (
          <div className="selection-bar" role="toolbar" aria-label={t("grid.selection")}>
            <span className="tabular-nums">{counted("grid.selected", { n: selected })}</span>
            {selected < rows.matched && (
              <Button variant="quiet" className="select-all" onPress={() => list.setSelection(() => allMatching())}>
                {t("grid.selectAllN", { n: rows.matched })}
              </Button>
            )}
            <Button variant="primary" onPress={() => changeGroups("add")}>
              {t("users.addToGroups")}
            </Button>
            <Button onPress={() => changeGroups("remove")}>{t("users.removeFromGroups")}</Button>
            <Button
              variant="quiet"
              className="icon"
              aria-label={t("grid.clearSelection")}
              tooltip={t("grid.clearSelection")}
              onPress={() => list.setSelection(noSelection)}
            >
              <CrossIcon />
            </Button>
          </div>
        )}
        {showSurroundings ? <MemoStatusBar workspace={workspace} /> : <div className="status-bar" />}
      </main>
      <aside className="detail" aria-label={t("shell.detail")}>
        {shownId ? (
          <Detail id={shownId} row={cursorRow} />
        ) : (
          !waiting && !nothing.placeholder && rows.matched > 0 && <EmptyState title="" lead={t("users.pick")} />
        )}
      </aside>
      {views.naming && <ViewNameDialog views={views} />}
      <KeyboardShortcuts color={organization.color} />
    </>
  );
}
