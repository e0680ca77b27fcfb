// Owns the queries for ids of a list of users, for the selection. Must never read rows.
import type { ListIds } from "../../components/useRowSelection";
import type { UserColumn, UserId, UserScope, WorkspaceId } from "../../ipc/bindings";
import { useCommands } from "../../ipc/client";
import { NO_FILTERS, scopeOf } from "../shell/listState";

const ALL_USERS = scopeOf("", NO_FILTERS);

/** @param all the list without search and filters. */
export function useListIds(
  workspace: WorkspaceId,
  scope: UserScope,
  { column: sort, descending }: { column: UserColumn; descending: boolean },
  all = ALL_USERS,
): ListIds {
  const commands = useCommands();
  return {
    idsInRange: (offset, limit) => commands.user_ids({ workspace, query: { scope, sort, descending, offset, limit } }),
    findMissing: (ids, everyone) =>
      commands.users_not_matching({ workspace, scope: everyone ? all : scope, ids: ids as UserId[] }),
  };
}
