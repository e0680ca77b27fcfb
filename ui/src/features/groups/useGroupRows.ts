// Owns the query for groups, shared by the grid and all lists of groups.
import { useQueryClient } from "@tanstack/react-query";
import { fromTop, type RowWindow, useRowWindow } from "../../components/useRowWindow";
import type { Commands, GroupColumn, GroupId, GroupRow, Seek, UserId, WorkspaceId } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";

type Question = {
  workspace: WorkspaceId;
  search: string;
  sort: GroupColumn;
  descending: boolean;
  firstOf: UserId | null;
};

const keyOf = ({ workspace, search, sort, descending, firstOf }: Question) =>
  keys.directory(workspace, "groups", search, sort, descending, firstOf);
const pageOf =
  (commands: Commands, { workspace, ...question }: Question) =>
  (offset: number, limit: number) =>
    commands.groups({ workspace, query: { ...question, offset, limit } });

/** Requests the first rows before the page is drawn with the query, as `useUsersAhead` does. */
export function useGroupsAhead(): (question: Omit<Question, "firstOf">) => Promise<void> {
  const client = useQueryClient();
  const commands = useCommands();
  return (asked) => {
    const question = { ...asked, firstOf: null };
    return client.prefetchQuery(fromTop(keyOf(question), pageOf(commands, question)));
  };
}

export function useGroupRows(
  workspace: WorkspaceId,
  search: string,
  sort: GroupColumn = "name",
  descending = false,
  firstOf: UserId | null = null,
): RowWindow<GroupRow> & { question: string } {
  const commands = useCommands();
  const question = { workspace, search, sort, descending, firstOf };
  const queryKey = keyOf(question);
  const ask = (seek: Seek<GroupId>) => commands.group_seek({ workspace, query: { search, sort, descending, seek } });
  const rows = useRowWindow<GroupRow>(
    queryKey,
    `${workspace} groups`,
    pageOf(commands, question),
    // With a user's own groups first, the position differs from the sort order.
    firstOf === null
      ? {
          place: (ids) => ask({ kind: "ids", ids: ids as GroupId[] }),
          starting: (prefix, from) => ask({ kind: "starting", prefix, from }),
        }
      : null,
  );
  return { ...rows, question: JSON.stringify(queryKey) };
}
