// Owns the members of one group: the grid, its search and selection, and the ways in and out.

import { useMemo, useState } from "react";
import { Button } from "../../components/Button";
import { type Column, type Cursor, DataGrid, type Sort } from "../../components/DataGrid";
import { ErrorAlert } from "../../components/ErrorAlert";
import { Foreign } from "../../components/Foreign";
import { called, Empty } from "../../components/parts";
import { SearchBox } from "../../components/SearchBox";
import { afterScopeChange, countSelected, noSelection, type SelectionState } from "../../components/selection";
import { useRowWindow } from "../../components/useRowWindow";
import { useI18n } from "../../i18n";
import type { GroupRow, UserColumn, UserId, UserRow } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";
import { useShell } from "../shell/context";
import { NO_FILTERS, scopeOf, toWire } from "../shell/lists";

export function Members({ group, locked }: { group: GroupRow; locked: string | undefined }) {
  const { t } = useI18n();
  const { workspace, openUser, change } = useShell();
  const commands = useCommands();
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState<Sort<UserColumn>>({ column: "name", descending: false });
  const [cursor, setCursor] = useState<Cursor<UserId>>(null);
  const [selection, setSelection] = useState<SelectionState<UserId>>(noSelection);
  const queryKey = keys.directory(workspace, "members", group.id, search, sort.column, sort.descending);
  const rows = useRowWindow<UserRow>(queryKey, `${workspace} members ${group.id}`, (offset, limit) =>
    commands.group_members({
      workspace,
      query: { group: group.id, search, sort: sort.column, descending: sort.descending, offset, limit },
    }),
  );
  const columns = useMemo<readonly Column<UserRow, UserColumn>[]>(
    () => [
      {
        name: "name",
        label: t("users.name"),
        width: "minmax(0, 1fr)",
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
        width: "minmax(0, 1fr)",
        cell: (row) => (
          <span className="dim">
            <Foreign text={row.email} />
          </span>
        ),
        text: (row) => row.email,
      },
    ],
    [t],
  );
  const selected = countSelected(selection, rows.matched);
  const changeSearch = (next: string) => {
    setSearch(next);
    setSelection(afterScopeChange);
  };
  const scope = scopeOf(search, { ...NO_FILTERS, groups: [group] });

  return (
    <>
      <div className="member-bar">
        <div className="row-of-buttons">
          <Button
            small
            isDisabled={locked !== undefined}
            hint={locked}
            onPress={() => change({ kind: "addMembers", group })}
          >
            {t("group.add")}
          </Button>
          <Button
            small
            isDisabled={locked !== undefined || selected === 0}
            hint={locked}
            onPress={() =>
              change({
                kind: "request",
                request: { kind: "remove", users: toWire(selection, scope), groups: [group.id] },
                onDone: () => setSelection(noSelection),
              })
            }
          >
            {t("group.remove")}
          </Button>
        </div>
        <SearchBox label={t("group.memberSearch")} value={search} onChange={changeSearch} />
      </div>
      {rows.error ? (
        <ErrorAlert error={rows.error} onRetry={rows.retry} />
      ) : (
        <DataGrid<UserRow, UserId, UserColumn>
          label={t("group.membersOf", { name: group.name })}
          question={JSON.stringify(queryKey)}
          columns={columns}
          rows={rows}
          idOf={(row) => row.id}
          nameOf={called}
          sort={sort}
          onSort={setSort}
          cursor={cursor}
          onCursor={setCursor}
          follow={false}
          onOpen={(row) => openUser(row.id)}
          selection={{ state: selection, onChange: setSelection }}
          empty={
            search.trim() === "" ? (
              <Empty title={t("group.noMembersTitle")} lead={t("group.noMembersLead")} />
            ) : (
              <Empty title={t("group.noMemberMatch")}>
                <Button onPress={() => changeSearch("")}>{t("common.clearSearch")}</Button>
              </Empty>
            )
          }
        />
      )}
      <div className="member-foot num">
        <span role="status">
          {selected > 0
            ? t("grid.selected", { n: selected })
            : search.trim() === ""
              ? t("group.memberCount", { n: rows.total })
              : t("group.memberCountFiltered", { n: rows.total, matched: rows.matched })}
        </span>
        {selected > 0 && (
          <Button look="quiet" small onPress={() => setSelection(noSelection)}>
            {t("grid.clearSelection")}
          </Button>
        )}
      </div>
    </>
  );
}
