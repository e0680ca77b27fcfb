// Owns the relation of a saved view to the list of users: made from the present settings, and compared with
// them. Must never query anything.
import { sameLayout } from "../../components/columns";
import type { ViewForm } from "../../ipc/bindings";
import type { UserListState } from "../shell/listState";

type Offered = Parameters<typeof sameLayout>[0];
type ListSettings = Pick<UserListState, "search" | "filters" | "sort" | "columns">;

export function viewFormOf(name: string, { search, filters, sort, columns }: ListSettings): ViewForm {
  return {
    name,
    search: search.trim(),
    groups: filters.groups.map(({ id, name: called }) => ({ id, name: called })),
    noGroup: filters.noGroup,
    roles: [...filters.roles],
    states: [...filters.states],
    origins: [...filters.origins],
    settings: [...filters.settings],
    sort: sort.column,
    descending: sort.descending,
    columns: [...columns],
  };
}

export function setOf(form: ViewForm): ListSettings {
  return {
    search: form.search,
    filters: {
      groups: form.groups,
      noGroup: form.noGroup,
      roles: form.roles,
      states: form.states,
      origins: form.origins,
      settings: form.settings,
    },
    sort: { column: form.sort, descending: form.descending },
    columns: form.columns,
  };
}

/** Whether the present settings are those of the view; the order of chosen values does not count. */
export function isAsSaved(form: ViewForm, set: ListSettings, columns: Offered): boolean {
  const now = viewFormOf(form.name, set);
  const plain = (one: ViewForm) =>
    JSON.stringify({
      ...one,
      groups: one.groups.map((group) => group.id).sort(),
      roles: [...one.roles].sort(),
      states: [...one.states].sort(),
      origins: one.origins.map((origin) => JSON.stringify(origin)).sort(),
      settings: one.settings.map(({ setting, on }) => `${setting} ${on}`).sort(),
      columns: null,
    });
  return plain(now) === plain(form) && sameLayout(columns, now.columns, form.columns);
}
