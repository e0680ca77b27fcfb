// Owns the query for groups, shared by the grid and all lists of groups.
import { useQueryClient } from "@tanstack/react-query";
import { firstPageQuery, type RowWindow, useRowWindow } from "../../components/useRowWindow";
import type { Commands, GroupColumn, GroupId, GroupRow, Seek, UserId, WorkspaceId } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";

type GroupRowsQuery = {
  workspace: WorkspaceId;
  search: string;
  sort: GroupColumn;
  descending: boolean;
  firstOf: UserId | null;
};

const queryKeyOf = ({ workspace, search, sort, descending, firstOf }: GroupRowsQuery) =>
  queryKeys.directory(workspace, "groups", search, sort, descending, firstOf);
const fetchPageOf =
  (commands: Commands, { workspace, ...query }: GroupRowsQuery) =>
  (offset: number, limit: number) =>
    commands.groups({ workspace, query: { ...query, offset, limit } });

/** Requests the first rows before the page is drawn with the query, as `usePrefetchUsers` does. */
export function usePrefetchGroups(): (query: Omit<GroupRowsQuery, "firstOf">) => Promise<void> {
  const client = useQueryClient();
  const commands = useCommands();
  return (asked) => {
    const query = { ...asked, firstOf: null };
    return client.prefetchQuery(firstPageQuery(queryKeyOf(query), fetchPageOf(commands, query)));
  };
}

export function useGroupRows(
  workspace: WorkspaceId,
  search: string,
  sort: GroupColumn = "name",
  descending = false,
  firstOf: UserId | null = null,
): RowWindow<GroupRow> & { queryHash: string } {
  const commands = useCommands();
  const query = { workspace, search, sort, descending, firstOf };
  const queryKey = queryKeyOf(query);
  const ask = (seek: Seek<GroupId>) => commands.group_seek({ workspace, query: { search, sort, descending, seek } });
  const rows = useRowWindow<GroupRow>(
    queryKey,
    `${workspace} groups`,
    fetchPageOf(commands, query),
    // With a user's own groups first, the position differs from the sort order.
    firstOf === null
      ? {
          locate: (ids) => ask({ kind: "ids", ids: ids as GroupId[] }),
          findByPrefix: (prefix, from) => ask({ kind: "starting", prefix, from }),
        }
      : null,
  );
  return { ...rows, queryHash: JSON.stringify(queryKey) };
}
