// Owns the query for users, shared by the grid and all lists of users.
import { useQueryClient } from "@tanstack/react-query";
import { firstPageQuery, type RowWindow, useRowWindow } from "../../components/useRowWindow";
import type { Commands, Seek, UserColumn, UserId, UserRow, UserScope, WorkspaceId } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";

type UserRowsQuery = { workspace: WorkspaceId; scope: UserScope; sort: UserColumn; descending: boolean };

const queryKeyOf = ({ workspace, scope, sort, descending }: UserRowsQuery) =>
  queryKeys.directory(workspace, "users", scope, sort, descending);
const fetchPageOf =
  (commands: Commands, { workspace, ...query }: UserRowsQuery) =>
  (offset: number, limit: number) =>
    commands.users({ workspace, query: { ...query, offset, limit } });

/**
 * Requests the first rows before the page is drawn with the query, so that the answer arrives meanwhile. Only
 * for queries whose answers are shown from the top.
 */
export function usePrefetchUsers(): (query: UserRowsQuery) => Promise<void> {
  const client = useQueryClient();
  const commands = useCommands();
  return (query) => client.prefetchQuery(firstPageQuery(queryKeyOf(query), fetchPageOf(commands, query)));
}

export function useUserRows(
  workspace: WorkspaceId,
  scope: UserScope,
  sort: UserColumn = "name",
  descending = false,
): RowWindow<UserRow> & { queryHash: string } {
  const commands = useCommands();
  const query = { workspace, scope, sort, descending };
  const queryKey = queryKeyOf(query);
  const ask = (seek: Seek<UserId>) => commands.user_seek({ workspace, query: { scope, sort, descending, seek } });
  const rows = useRowWindow<UserRow>(queryKey, `${workspace} users`, fetchPageOf(commands, query), {
    locate: (ids) => ask({ kind: "ids", ids: ids as UserId[] }),
    findByPrefix: (prefix, from) => ask({ kind: "starting", prefix, from }),
  });
  return { ...rows, queryHash: JSON.stringify(queryKey) };
}
