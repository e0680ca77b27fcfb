// Owns what the person set in the two lists (search, filters, sort, cursor, selection), so that a change of page loses nothing.
// Must never outlive its organization: the shell makes it anew for each.
import { useCallback, useMemo, useState } from "react";
import type { Cursor, Sort } from "../../components/DataGrid";
import { afterScopeChange, noSelection, type SelectionState } from "../../components/selection";
import type {
  GroupColumn,
  GroupId,
  GroupRef,
  Origin,
  Role,
  Selection,
  SettingFilter,
  UserColumn,
  UserId,
  UserScope,
  UserState,
} from "../../ipc/bindings";

export type Filters = {
  groups: readonly GroupRef[];
  noGroup: boolean;
  roles: readonly Role[];
  states: readonly UserState[];
  origins: readonly Origin[];
  settings: readonly SettingFilter[];
};

export const NO_FILTERS: Filters = { groups: [], noGroup: false, roles: [], states: [], origins: [], settings: [] };

export function isFiltering(filters: Filters): boolean {
  const { groups, noGroup, roles, states, origins, settings } = filters;
  return noGroup || [groups, roles, states, origins, settings].some((values) => values.length > 0);
}

export function scopeOf(search: string, filters: Filters): UserScope {
  return {
    search,
    groups: filters.groups.map((group) => group.id),
    noGroup: filters.noGroup,
    roles: [...filters.roles],
    states: [...filters.states],
    origins: [...filters.origins],
    settings: [...filters.settings],
  };
}

/** The selection as it crosses to Rust. */
export function toWire(state: SelectionState<UserId>, scope: UserScope): Selection {
  return state.kind === "ids"
    ? { kind: "ids", ids: [...state.ids] }
    : { kind: "matching", scope, except: [...state.except] };
}

export function useUserList() {
  const [search, setSearch] = useState("");
  const [filters, setFilters] = useState(NO_FILTERS);
  const [sort, setSort] = useState<Sort<UserColumn>>({ column: "name", descending: false });
  const [cursor, setCursor] = useState<Cursor<UserId>>(null);
  const [pinned, pin] = useState<UserId | null>(null);
  const [selection, setSelection] = useState<SelectionState<UserId>>(noSelection);
  const scope = useMemo(() => scopeOf(search, filters), [search, filters]);
  return {
    search,
    setSearch: useCallback((next: string) => {
      setSearch(next);
      setSelection(afterScopeChange);
      pin(null);
    }, []),
    filters,
    setFilters: useCallback((next: Filters) => {
      setFilters(next);
      setSelection(afterScopeChange);
      pin(null);
    }, []),
    scope,
    sort,
    setSort,
    cursor,
    setCursor,
    /** Somebody opened from elsewhere, whom the list need not hold. */
    pinned,
    pin,
    selection,
    setSelection,
  };
}

export function useGroupList() {
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState<Sort<GroupColumn>>({ column: "name", descending: false });
  const [cursor, setCursor] = useState<Cursor<GroupId>>(null);
  const [pinned, pin] = useState<GroupId | null>(null);
  return {
    search,
    setSearch: useCallback((next: string) => {
      setSearch(next);
      pin(null);
    }, []),
    sort,
    setSort,
    cursor,
    setCursor,
    pinned,
    pin,
  };
}

export type UserList = ReturnType<typeof useUserList>;
export type GroupList = ReturnType<typeof useGroupList>;
