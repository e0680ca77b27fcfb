// Owns the question for people, as the grid and every list of people ask it.
import { type RowWindow, useRowWindow } from "../../components/useRowWindow";
import type { UserColumn, UserId, UserRow, UserScope, UserSeek, WorkspaceId } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";

export function useUserRows(
  workspace: WorkspaceId,
  scope: UserScope,
  sort: UserColumn = "name",
  descending = false,
): RowWindow<UserRow> & { question: string } {
  const commands = useCommands();
  const queryKey = keys.directory(workspace, "users", scope, sort, descending);
  const ask = (seek: UserSeek) => commands.user_seek({ workspace, query: { scope, sort, descending, seek } });
  const rows = useRowWindow<UserRow>(
    queryKey,
    `${workspace} users`,
    (offset, limit) => commands.users({ workspace, query: { scope, sort, descending, offset, limit } }),
    {
      place: (ids) => ask({ kind: "ids", ids: ids as UserId[] }),
      starting: (prefix, from) => ask({ kind: "starting", prefix, from }),
    },
  );
  return { ...rows, question: JSON.stringify(queryKey) };
}
