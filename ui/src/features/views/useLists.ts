// Owns the UI's copy of the lists' settings: the columns of each list, the saved views, the one chosen last.
// Must never store anything itself: Rust does.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { ColumnChoice, ListName, ListSettings, WorkspaceId } from "../../ipc/bindings";
import { keys, looksOf, useCommands } from "../../ipc/client";

const NONE: ListSettings = {
  columns: { users: [], groups: [], members: [] },
  views: [],
  chosen: null,
  persisted: true,
};

export function useLists(workspace: WorkspaceId) {
  const commands = useCommands();
  const client = useQueryClient();
  const query = useQuery(looksOf(commands, workspace));
  const keepColumns = useCallback(
    (list: ListName, columns: ColumnChoice[]) => {
      client.setQueryData<ListSettings>(keys.lists(workspace), (now) =>
        now ? { ...now, columns: { ...now.columns, [list]: columns } } : now,
      );
      // If it can't be saved, the next start has the previous columns; nothing is lost now.
      commands.columns_save({ list, columns }).catch(() => undefined);
    },
    [client, commands, workspace],
  );
  return {
    /** Null until they are known; if they can't be read, the lists have their default columns. */
    lists: query.data ?? (query.error ? NONE : null),
    keepColumns,
  };
}
