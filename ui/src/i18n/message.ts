// Owns the forms a message of a catalog can have.

/** A message that depends on a number `n`; English and German know the two forms of CLDR's cardinal rules. */
export type Plural = { readonly one: string; readonly other: string };
export type Message = string | Plural;
