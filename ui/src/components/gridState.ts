// Owns what a grid's owner holds for it: where its cursor is and what it is sorted by.

export type Cursor<Id> = { index: number; id: Id } | null;
export type Sort<Name> = { column: Name; descending: boolean };
