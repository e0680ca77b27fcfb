// Owns what the stand-in remembers of the lists' settings, and where it finds a row. Must never be called by
// a component itself.
import type { ColumnChoice, ListName, ListSettings, View, ViewForm, ViewId } from "../ipc/bindings";
import { appError } from "./fakeFacts";

const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Finds a row among all that match, as Rust does. */
export function seekIn<Row extends { id: string; name: string; email?: string }>(
  rows: readonly Row[],
  seek: { kind: "ids"; ids: readonly string[] } | { kind: "starting"; prefix: string; from: number },
): { index: number; id: Row["id"] } | null {
  const at = (index: number) => {
    const row = rows[index];
    return row ? { index, id: row.id } : null;
  };
  if (seek.kind === "ids") {
    const found = seek.ids.find((id) => rows.some((row) => row.id === id));
    return found === undefined ? null : at(rows.findIndex((row) => row.id === found));
  }
  const prefix = fold(seek.prefix);
  const begins = (row: Row) => fold(row.name || (row.email ?? "")).startsWith(prefix);
  const after = rows.findIndex((row, index) => index >= seek.from && begins(row));
  return at(after >= 0 ? after : rows.findIndex(begins));
}

export class FakeLists {
  columns: Record<ListName, ColumnChoice[]> = { users: [], groups: [], members: [] };
  views: View[] = [];
  chosen: ViewId | null = null;
  persisted = true;
  private deleted: { at: number; view: View } | null = null;
  private next = 1;

  view(): ListSettings {
    const { columns, views, chosen, persisted } = this;
    return { columns, views, chosen, persisted };
  }

  save(id: ViewId | null, given: ViewForm): View {
    const form = { ...given, name: given.name.trim() };
    if (form.name === "") throw appError({ code: "viewNameEmpty" });
    if ([...form.name].length > 60) throw appError({ code: "viewNameTooLong", max: 60, length: [...form.name].length });
    if (this.views.some((view) => view.id !== id && view.form.name.toLowerCase() === form.name.toLowerCase()))
      throw appError({ code: "viewNameTaken" });
    const view = { id: id ?? (`v-${this.next++}` as ViewId), form };
    const at = this.views.findIndex((one) => one.id === id);
    if (id !== null && at < 0) throw appError({ code: "viewGone" });
    this.views = id === null ? [...this.views, view] : this.views.with(at, view);
    this.chosen = view.id;
    return view;
  }

  delete(id: ViewId): void {
    const at = this.views.findIndex((view) => view.id === id);
    const view = this.views[at];
    if (!view) throw appError({ code: "viewGone" });
    this.deleted = { at, view };
    this.views = this.views.toSpliced(at, 1);
    if (this.chosen === id) this.chosen = null;
  }

  restore(id: ViewId): View {
    const { deleted } = this;
    if (deleted?.view.id !== id) throw appError({ code: "viewGone" });
    this.views = this.views.toSpliced(deleted.at, 0, deleted.view);
    this.deleted = null;
    return deleted.view;
  }
}
