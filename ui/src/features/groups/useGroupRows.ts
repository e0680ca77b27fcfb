// Owns the question for groups, as the grid and every list of groups ask it.
import { type RowWindow, useRowWindow } from "../../components/useRowWindow";
import type { GroupColumn, GroupRow, UserId, WorkspaceId } from "../../ipc/bindings";
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
  const rows = useRowWindow<GroupRow>(queryKey, `${workspace} groups`, (offset, limit) =>
    commands.groups({ workspace, query: { search, sort, descending, firstOf, offset, limit } }),
  );
  return { ...rows, question: JSON.stringify(queryKey) };
}
