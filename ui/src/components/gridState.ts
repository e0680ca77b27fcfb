// Owns the state of a grid that its owner stores: the cursor and the sort.

export type Cursor<Id> = { index: number; id: Id } | null;
export type Sort<Name> = { column: Name; descending: boolean };
