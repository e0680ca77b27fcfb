// Owns what "selected" means for a result that is never loaded completely: these ids, or all that match
// except these. Must never know what is selected, nor query anything.

export type SelectionState<Id extends string> =
  | { readonly kind: "ids"; readonly ids: ReadonlySet<Id> }
  | { readonly kind: "matching"; readonly except: ReadonlySet<Id> };

export function noSelection<Id extends string>(): SelectionState<Id> {
  return { kind: "ids", ids: new Set<Id>() };
}

export function allMatching<Id extends string>(): SelectionState<Id> {
  return { kind: "matching", except: new Set<Id>() };
}

/** Selects what was not selected, of those that match, and the reverse. */
export function invertSelection<Id extends string>(state: SelectionState<Id>): SelectionState<Id> {
  return state.kind === "ids" ? { kind: "matching", except: state.ids } : { kind: "ids", ids: state.except };
}

export function isSelected<Id extends string>(state: SelectionState<Id>, id: Id): boolean {
  return state.kind === "ids" ? state.ids.has(id) : !state.except.has(id);
}

/** How many are selected if `matched` match; never below zero. */
export function countSelected<Id extends string>(state: SelectionState<Id>, matched: number): number {
  return state.kind === "ids" ? state.ids.size : Math.max(0, matched - state.except.size);
}

/** Sets each of `ids` to selected or not. */
export function setSelected<Id extends string>(
  state: SelectionState<Id>,
  ids: Iterable<Id>,
  on: boolean,
): SelectionState<Id> {
  if (state.kind === "ids") {
    const next = new Set(state.ids);
    for (const id of ids) {
      if (on) next.add(id);
      else next.delete(id);
    }
    return { kind: "ids", ids: next };
  }
  const except = new Set(state.except);
  for (const id of ids) {
    if (on) except.delete(id);
    else except.add(id);
  }
  return { kind: "matching", except };
}

/** The selection without ids that no longer exist. */
export function withoutIds<Id extends string>(state: SelectionState<Id>, removed: ReadonlySet<Id>): SelectionState<Id> {
  if (removed.size === 0) return state;
  const left = (ids: ReadonlySet<Id>) => new Set([...ids].filter((id) => !removed.has(id)));
  return state.kind === "ids"
    ? { kind: "ids", ids: left(state.ids) }
    : { kind: "matching", except: left(state.except) };
}

export function toggleSelected<Id extends string>(state: SelectionState<Id>, id: Id): SelectionState<Id> {
  return setSelected(state, [id], !isSelected(state, id));
}

/**
 * After a change of search or filters: chosen ids stay selected (users search, tick, and search again), but
 * "all that match" ends, because it now would mean other rows than those that were on the screen.
 */
export function afterScopeChange<Id extends string>(state: SelectionState<Id>): SelectionState<Id> {
  return state.kind === "matching" ? noSelection<Id>() : state;
}
