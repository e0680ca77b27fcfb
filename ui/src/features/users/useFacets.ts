// Owns the counts beside the filters: one question for all of them, asked again when the directory changes.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Facets, GroupId, UserScope, WorkspaceId } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";

/** Counts of every filter and of these groups, 500 at most. Until the answer is there the one before is kept. */
export function useFacets(workspace: WorkspaceId, scope: UserScope, groups: GroupId[]): Facets | undefined {
  const commands = useCommands();
  return useQuery({
    queryKey: keys.directory(workspace, "facets", scope, groups),
    queryFn: () => commands.facets({ workspace, scope, groups }),
    placeholderData: keepPreviousData,
  }).data;
}
