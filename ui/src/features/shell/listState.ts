// Owns what the user set in the two lists (search, filters, sort, cursor, selection), so that a change of
// page loses nothing. Must never outlive its organization: the shell makes it again for each.
import { useCallback, useMemo, useState } from "react";
import type { Cursor, Sort } from "../../components/gridState";
import { afterScopeChange, noSelection, type SelectionState } from "../../components/selection";
import type {
  ColumnChoice,
  GroupColumn,
  GroupId,
  GroupRef,
  ListSettings,
  Origin,
  Role,
  Selection,
  SettingFilter,
  UserColumn,
  UserId,
  UserScope,
  UserState,
  View,
  ViewId,
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

/** The selection for Rust. */
export function toWireSelection(state: SelectionState<UserId>, scope: UserScope): Selection {
  return state.kind === "ids"
    ? { kind: "ids", ids: [...state.ids] }
    : { kind: "matching", scope, except: [...state.except] };
}

export function useUserListState() {
  const [initialized, setInitialized] = useState(false);
  const [view, setView] = useState<ViewId | null>(null);
  const [columns, setColumns] = useState<readonly ColumnChoice[]>([]);
  const [search, setSearch] = useState("");
  const [filters, setFilters] = useState(NO_FILTERS);
  const [sort, setSort] = useState<Sort<UserColumn>>({ column: "name", descending: false });
  const [cursor, setCursor] = useState<Cursor<UserId>>(null);
  const [pinned, pin] = useState<UserId | null>(null);
  const [selection, setSelection] = useState<SelectionState<UserId>>(noSelection);
  const scope = useMemo(() => scopeOf(search, filters), [search, filters]);
  const applyView = useCallback((next: View | null, otherwise: readonly ColumnChoice[]) => {
    const form = next?.form;
    setFilters(
      form
        ? {
            groups: form.groups,
            noGroup: form.noGroup,
            roles: form.roles,
            states: form.states,
            origins: form.origins,
            settings: form.settings,
          }
        : NO_FILTERS,
    );
    setSort({ column: form?.sort ?? "name", descending: form?.descending ?? false });
    setColumns(form?.columns ?? otherwise);
    setView(next?.id ?? null);
  }, []);
  return {
    /** Whether the remembered settings of the list were applied. */
    initialized,
    /** Applies the remembered settings: the view chosen last, or the list's own columns. */
    initialize: useCallback(
      ({ views, chosen, columns: kept }: ListSettings) => {
        const view = views.find((one) => one.id === chosen) ?? null;
        applyView(view, kept.users);
        // Text typed meanwhile is kept.
        setSearch((typed) => (typed === "" ? (view?.form.search ?? "") : typed));
        setInitialized(true);
      },
      [applyView],
    ),
    /** The chosen saved view; the present settings may differ from it. */
    view,
    setView,
    /** Shows a saved view, or all users with the list's own columns. */
    choose: useCallback(
      (next: View | null, otherwise: readonly ColumnChoice[]) => {
        applyView(next, otherwise);
        setSearch(next?.form.search ?? "");
        setSelection(afterScopeChange);
        pin(null);
      },
      [applyView],
    ),
    columns,
    setColumns,
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
    /** A user opened from elsewhere, who need not be in the list. */
    pinned,
    pin,
    selection,
    setSelection,
  };
}

export function useGroupListState() {
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

export type UserListState = ReturnType<typeof useUserListState>;
export type GroupListState = ReturnType<typeof useGroupListState>;
