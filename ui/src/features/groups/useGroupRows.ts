// Owns the question for groups, as the grid and every list of groups ask it.
import { type RowWindow, useRowWindow } from "../../components/useRowWindow";
import type { GroupColumn, GroupId, GroupRow, GroupSeek, UserId, WorkspaceId } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";

export function useGroupRows(
  workspace: WorkspaceId,
  search: string,
  sort: GroupColumn = "name",
  descending = false,
  firstOf: UserId | null = null,
): RowWindow<GroupRow> & { question: string } {
  const commands = useCommands();
  const queryKey = keys.directory(workspace, "groups", search, sort, descending, firstOf);
  const ask = (seek: GroupSeek) => commands.group_seek({ workspace, query: { search, sort, descending, seek } });
  const rows = useRowWindow<GroupRow>(
    queryKey,
    `${workspace} groups`,
    (offset, limit) => commands.groups({ workspace, query: { search, sort, descending, firstOf, offset, limit } }),
    // With somebody's own groups first a place is another than the order says.
    firstOf === null
      ? {
          place: (ids) => ask({ kind: "ids", ids: ids as GroupId[] }),
          starting: (prefix, from) => ask({ kind: "starting", prefix, from }),
        }
      : null,
  );
  return { ...rows, question: JSON.stringify(queryKey) };
}
