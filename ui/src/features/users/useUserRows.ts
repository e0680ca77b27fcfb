// Owns the query for users, shared by the grid and all lists of users.
import { useQueryClient } from "@tanstack/react-query";
import { fromTop, type RowWindow, useRowWindow } from "../../components/useRowWindow";
import type { Commands, Seek, UserColumn, UserId, UserRow, UserScope, WorkspaceId } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";

type Question = { workspace: WorkspaceId; scope: UserScope; sort: UserColumn; descending: boolean };

const keyOf = ({ workspace, scope, sort, descending }: Question) =>
  keys.directory(workspace, "users", scope, sort, descending);
const pageOf =
  (commands: Commands, { workspace, ...question }: Question) =>
  (offset: number, limit: number) =>
    commands.users({ workspace, query: { ...question, offset, limit } });

/**
 * Requests the first rows before the page is drawn with the query, so that the answer arrives meanwhile. Only
 * for queries whose answers are shown from the top.
 */
export function useUsersAhead(): (question: Question) => Promise<void> {
  const client = useQueryClient();
  const commands = useCommands();
  return (question) => client.prefetchQuery(fromTop(keyOf(question), pageOf(commands, question)));
}

export function useUserRows(
  workspace: WorkspaceId,
  scope: UserScope,
  sort: UserColumn = "name",
  descending = false,
): RowWindow<UserRow> & { question: string } {
  const commands = useCommands();
  const question = { workspace, scope, sort, descending };
  const queryKey = keyOf(question);
  const ask = (seek: Seek<UserId>) => commands.user_seek({ workspace, query: { scope, sort, descending, seek } });
  const rows = useRowWindow<UserRow>(queryKey, `${workspace} users`, pageOf(commands, question), {
    place: (ids) => ask({ kind: "ids", ids: ids as UserId[] }),
    starting: (prefix, from) => ask({ kind: "starting", prefix, from }),
  });
  return { ...rows, question: JSON.stringify(queryKey) };
}
