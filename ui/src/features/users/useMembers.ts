// Owns the queries for ids of a list of users, for the selection. Must never read rows.
import type { Members } from "../../components/useSelecting";
import type { UserColumn, UserId, UserScope, WorkspaceId } from "../../ipc/bindings";
import { useCommands } from "../../ipc/client";
import { NO_FILTERS, scopeOf } from "../shell/lists";

const EVERYONE = scopeOf("", NO_FILTERS);

/** @param all the list without search and filters. */
export function useMembers(
  workspace: WorkspaceId,
  scope: UserScope,
  { column: sort, descending }: { column: UserColumn; descending: boolean },
  all = EVERYONE,
): Members {
  const commands = useCommands();
  return {
    ids: (offset, limit) => commands.user_ids({ workspace, query: { scope, sort, descending, offset, limit } }),
    missing: (ids, everyone) =>
      commands.users_not_matching({ workspace, scope: everyone ? all : scope, ids: ids as UserId[] }),
  };
}
