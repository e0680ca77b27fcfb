// Owns what is remembered of the lists' looks, as the UI knows it: columns of each list, saved views, the one chosen last.
// Must never keep anything itself: Rust does.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { ColumnChoice, ListLooks, ListName, WorkspaceId } from "../../ipc/bindings";
import { keys, looksOf, useCommands } from "../../ipc/client";

const NONE: ListLooks = {
  columns: { users: [], groups: [], members: [] },
  views: [],
  chosen: null,
  kept: true,
};

export function useLists(workspace: WorkspaceId) {
  const commands = useCommands();
  const client = useQueryClient();
  const query = useQuery(looksOf(commands, workspace));
  const keepColumns = useCallback(
    (list: ListName, columns: ColumnChoice[]) => {
      client.setQueryData<ListLooks>(keys.lists(workspace), (now) =>
        now ? { ...now, columns: { ...now.columns, [list]: columns } } : now,
      );
      // What can't be kept is as it was at the next start; nothing is lost now.
      commands.columns_keep({ list, columns }).catch(() => undefined);
    },
    [client, commands, workspace],
  );
  return {
    /** Null until they are known; where they can't be, the lists are as they are by themselves. */
    lists: query.data ?? (query.error ? NONE : null),
    keepColumns,
  };
}
