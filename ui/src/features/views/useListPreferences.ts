// Owns the UI's copy of the lists' settings: the columns of each list, the saved views, the one chosen last.
// Must never store anything itself: Rust does.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { ColumnChoice, ListName, ListSettings, WorkspaceId } from "../../ipc/bindings";
import { listPreferencesQuery, queryKeys, useCommands } from "../../ipc/client";

const DEFAULTS: ListSettings = {
  columns: { users: [], groups: [], members: [] },
  views: [],
  chosen: null,
  persisted: true,
};

export function useListPreferences(workspace: WorkspaceId) {
  const commands = useCommands();
  const client = useQueryClient();
  const query = useQuery(listPreferencesQuery(commands, workspace));
  const saveColumns = useCallback(
    (list: ListName, columns: ColumnChoice[]) => {
      client.setQueryData<ListSettings>(queryKeys.lists(workspace), (now) =>
        now ? { ...now, columns: { ...now.columns, [list]: columns } } : now,
      );
      // If it can't be saved, the next start has the previous columns; nothing is lost now.
      commands.columns_save({ list, columns }).catch(() => undefined);
    },
    [client, commands, workspace],
  );
  return {
    /** Null until they are known; if they can't be read, the lists have their default columns. */
    preferences: query.data ?? (query.error ? DEFAULTS : null),
    saveColumns,
  };
}
