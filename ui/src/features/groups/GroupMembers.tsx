// Owns the members of one group: the grid, its search and selection, adding and removing.

import { useMemo, useState } from "react";
import { Button } from "../../components/Button";
import { ColumnsMenu } from "../../components/ColumnsMenu";
import { DataGrid } from "../../components/DataGrid";
import { ErrorAlert } from "../../components/ErrorAlert";
import type { Cursor, Sort } from "../../components/gridState";
import { displayName, EmptyState } from "../../components/parts";
import { SearchBox } from "../../components/SearchBox";
import { afterScopeChange, countSelected, noSelection, type SelectionState } from "../../components/selection";
import { useRowWindow } from "../../components/useRowWindow";
import { useI18n } from "../../i18n";
import type { ColumnChoice, GroupRow, Seek, UserColumn, UserId, UserRow } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { useShell } from "../shell/context";
import { NO_FILTERS, scopeOf, toWireSelection } from "../shell/listState";
import { isSortable, type UserColumnName, useUserColumns } from "../users/columns";
import { useListIds } from "../users/useListIds";
import { useListPreferences } from "../views/useListPreferences";

export function GroupMembers({ group, locked }: { group: GroupRow; locked: string | undefined }) {
  const { t } = useI18n();
  const { workspace, openUser, startMembershipChange } = useShell();
  const commands = useCommands();
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState<Sort<UserColumn>>({ column: "name", descending: false });
  const [cursor, setCursor] = useState<Cursor<UserId>>(null);
  const [selection, setSelection] = useState<SelectionState<UserId>>(noSelection);
  const queryKey = queryKeys.directory(workspace, "members", group.id, search, sort.column, sort.descending);
  const { column, descending } = sort;
  const scope = scopeOf(search, { ...NO_FILTERS, groups: [group] });
  const listIds = useListIds(workspace, scope, sort, { ...scope, search: "" });
  const ask = (seek: Seek<UserId>) =>
    commands.user_seek({ workspace, query: { scope, sort: column, descending, seek } });
  const rows = useRowWindow<UserRow>(
    queryKey,
    `${workspace} members ${group.id}`,
    (offset, limit) =>
      commands.group_members({
        workspace,
        query: { group: group.id, search, sort: column, descending, offset, limit },
      }),
    {
      locate: (ids) => ask({ kind: "ids", ids: ids as UserId[] }),
      findByPrefix: (prefix, from) => ask({ kind: "starting", prefix, from }),
    },
  );
  const { preferences, saveColumns } = useListPreferences(workspace);
  const layout = preferences?.columns.members ?? [];
  const onLayout = (next: ColumnChoice[]) => saveColumns("members", next);
  const all = useUserColumns();
  // In the narrow list only the first two are shown by default.
  const columns = useMemo(
    () =>
      all.map((one) => ({
        ...one,
        hiddenByDefault: one.name !== "name" && one.name !== "email",
        ...(one.name === "name" || one.name === "email" ? { width: { flex: 1 } } : {}),
      })),
    [all],
  );
  const selected = countSelected(selection, rows.matched);
  const changeSearch = (next: string) => {
    setSearch(next);
    setSelection(afterScopeChange);
  };

  return (
    <>
      <div className="members-toolbar">
        <div className="button-row">
          <Button
            small
            isDisabled={locked !== undefined}
            tooltip={locked}
            onPress={() => startMembershipChange({ kind: "addMembers", group })}
          >
            {t("group.add")}
          </Button>
          <Button
            small
            isDisabled={locked !== undefined || selected === 0}
            tooltip={locked}
            onPress={() =>
              startMembershipChange({
                kind: "request",
                request: { kind: "remove", users: toWireSelection(selection, scope), groups: [group.id] },
                onDone: () => setSelection(noSelection),
              })
            }
          >
            {t("group.remove")}
          </Button>
        </div>
        <span className="search-row">
          <SearchBox label={t("group.memberSearch")} value={search} onChange={changeSearch} />
          <ColumnsMenu slim columns={columns} layout={layout} onLayout={onLayout} width={0} />
        </span>
      </div>
      {rows.error ? (
        <ErrorAlert error={rows.error} onRetry={rows.retry} />
      ) : (
        <DataGrid<UserRow, UserId, UserColumnName>
          label={t("group.membersOf", { name: group.name })}
          queryHash={JSON.stringify(queryKey)}
          search={search}
          onEscape={() => changeSearch("")}
          columns={columns}
          layout={layout}
          onLayout={onLayout}
          rows={rows}
          idOf={(row) => row.id}
          nameOf={displayName}
          sort={sort}
          onSort={(next) => {
            if (isSortable(next.column)) setSort({ column: next.column, descending: next.descending });
          }}
          cursor={cursor}
          onCursor={setCursor}
          followFirstRow={false}
          onOpen={(row) => openUser(row.id)}
          selection={{ state: selection, onChange: setSelection, listIds }}
          empty={
            search.trim() === "" ? (
              <EmptyState title={t("group.noMembersTitle")} lead={t("group.noMembersLead")} />
            ) : (
              <EmptyState title={t("group.noMemberMatch")}>
                <Button onPress={() => changeSearch("")}>{t("common.clearSearch")}</Button>
              </EmptyState>
            )
          }
        />
      )}
      <div className="members-footer tabular-nums">
        <span role="status">
          {selected > 0
            ? t("grid.selected", { n: selected })
            : search.trim() === ""
              ? t("group.memberCount", { n: rows.total })
              : t("group.memberCountFiltered", { n: rows.total, matched: rows.matched })}
        </span>
        {selected > 0 && (
          <Button variant="quiet" small onPress={() => setSelection(noSelection)}>
            {t("grid.clearSelection")}
          </Button>
        )}
      </div>
    </>
  );
}
