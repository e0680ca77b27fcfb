// Owns the actions on saved views: choose, save, update, rename, delete and restore; and whether the present
// settings differ from the saved ones. Must never change what is shown unless the user chose a view.
import { useMutation, useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { sameLayout } from "../../components/columns";
import type { ListSettings, View, ViewId, WorkspaceId } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import type { UserListState } from "../shell/listState";
import { isAsSaved, viewFormOf } from "./views";

export function useSavedViews(
  workspace: WorkspaceId,
  lists: ListSettings,
  list: UserListState,
  columns: Parameters<typeof sameLayout>[0],
) {
  const commands = useCommands();
  const client = useQueryClient();
  const [deleted, setDeleted] = useState<View | null>(null);
  const [naming, setNaming] = useState<"new" | "rename" | null>(null);
  const queryKey = queryKeys.lists(workspace);
  const again = () => client.invalidateQueries({ queryKey });
  const current = lists.views.find((view) => view.id === list.view) ?? null;

  const choose = (view: View | null) => {
    list.choose(view, lists.columns.users);
    setDeleted(null);
    client.setQueryData<ListSettings>(queryKey, (now) => now && { ...now, chosen: view?.id ?? null });
    // Only the next start would miss it.
    commands.view_choose({ workspace, id: view?.id ?? null }).catch(() => undefined);
  };

  const save = useMutation({
    mutationFn: ({ id, name }: { id: ViewId | null; name: string }) =>
      commands.view_save({ workspace, id, form: viewFormOf(name, list) }),
    onSuccess: async (view) => {
      await again();
      list.setView(view.id);
      setDeleted(null);
      setNaming(null);
    },
  });
  const rename = useMutation({
    mutationFn: (name: string) => {
      if (!current) throw { code: "viewGone", detail: null, requestId: null };
      // A rename saves the old contents: other changes are not saved with it.
      return commands.view_save({ workspace, id: current.id, form: { ...current.form, name } });
    },
    onSuccess: async () => {
      await again();
      setNaming(null);
    },
  });
  const remove = useMutation({
    mutationFn: (view: View) => commands.view_delete({ workspace, id: view.id }),
    onSuccess: async (_, view) => {
      // What is shown stays; it only no longer has a name.
      list.setView(null);
      setDeleted(view);
      await again();
    },
  });
  const restore = useMutation({
    mutationFn: (view: View) => commands.view_restore({ workspace, id: view.id }),
    onSuccess: async (view) => {
      setDeleted(null);
      await again();
      list.setView(view.id);
      commands.view_choose({ workspace, id: view.id }).catch(() => undefined);
    },
  });
  const failed = [save, remove, restore].find((one) => one.error !== null && naming === null);

  return {
    views: lists.views,
    persisted: lists.persisted,
    current,
    changed: current !== null && !isAsSaved(current.form, list, columns),
    choose,
    update: () => {
      if (current) save.mutate({ id: current.id, name: current.form.name });
    },
    naming,
    askName: (what: "new" | "rename") => {
      save.reset();
      rename.reset();
      setNaming(what);
    },
    cancelNaming: () => setNaming(null),
    name: (name: string) => (naming === "rename" ? rename.mutate(name) : save.mutate({ id: null, name })),
    busy: save.isPending || rename.isPending,
    problem: naming === null ? null : naming === "rename" ? rename.error : save.error,
    remove: () => {
      if (current) remove.mutate(current);
    },
    deleted,
    undo: () => {
      if (deleted) restore.mutate(deleted);
    },
    dismissDeleted: () => setDeleted(null),
    failure: failed ? asAppError(failed.error) : null,
    dismiss: () => failed?.reset(),
  };
}

export type SavedViews = ReturnType<typeof useSavedViews>;

/** Filtered groups that no longer exist: the list continues without them and says so. */
export function useDeletedGroupFilters(workspace: WorkspaceId, list: UserListState, whole: boolean) {
  const commands = useCommands();
  const [gone, setGone] = useState<readonly string[]>([]);
  const { filters, setFilters, view } = list;
  const lost = useQueries({
    queries: filters.groups.map(({ id }) => ({
      queryKey: queryKeys.group(workspace, id),
      queryFn: () => commands.group({ workspace, id }),
      enabled: whole,
    })),
    combine: (results) =>
      results
        .map((result, i) => (result.error && asAppError(result.error).code === "groupGone" ? filters.groups[i] : null))
        .filter((group) => group != null),
  });
  const names = lost.map((group) => group.id).join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ids identify the groups.
  useEffect(() => {
    if (!whole || lost.length === 0) return;
    setGone(lost.map((group) => group.name || group.id));
    setFilters({ ...filters, groups: filters.groups.filter((group) => !lost.some((one) => one.id === group.id)) });
  }, [whole, names]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a note of one view does not apply to another.
  useEffect(() => setGone([]), [view]);
  return { gone, dismiss: () => setGone([]) };
}
