// Owns the question for people, as the grid and every list of people ask it.
import { type RowWindow, useRowWindow } from "../../components/useRowWindow";
import type { OrganizationId, UserColumn, UserRow, UserScope } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";

export function useUserRows(
  organization: OrganizationId,
  scope: UserScope,
  sort: UserColumn = "name",
  descending = false,
): RowWindow<UserRow> & { question: string } {
  const commands = useCommands();
  const queryKey = keys.directory(organization, "users", scope, sort, descending);
  const rows = useRowWindow<UserRow>(queryKey, `${organization} users`, (offset, limit) =>
    commands.users({ organization, query: { scope, sort, descending, offset, limit } }),
  );
  return { ...rows, question: JSON.stringify(queryKey) };
}
