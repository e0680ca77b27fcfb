// Owns the counts beside the filters: one query for all of them, repeated when the directory changes.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Facets, GroupId, UserScope, WorkspaceId } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";

/**
 * Counts of all filters and of these groups, at most 500. Until the answer arrives, the previous one is kept.
 */
export function useFacets(workspace: WorkspaceId, scope: UserScope, groups: GroupId[]): Facets | undefined {
  const commands = useCommands();
  return useQuery({
    queryKey: queryKeys.directory(workspace, "facets", scope, groups),
    queryFn: () => commands.facets({ workspace, scope, groups }),
    placeholderData: keepPreviousData,
  }).data;
}
