// Owns names as an attacker would choose them: markup, overrides, ten thousand characters. Must never contain
// a check: the tests do.
import type { GroupId } from "../ipc/bindings";
import { FakeBackend, FORM, ORGANIZATION, OTHER, OTHER_ACCOUNT, PERSON, PRIVATE } from "./fakeBackend";

const TAGS = '<img src="x" data-evil onerror="window.evil = 1"><script data-evil>window.evil = 1</script>';
const OVERRIDE = "\u202e";
/** All characters that change the direction of the text after them. */
export const STEERING = /[\u202a-\u202e\u2066-\u2069]/;
/** Markup, an override that is never closed, zero-width characters, an emoji of several parts. */
export const EVIL = `${TAGS}${OVERRIDE}txt.exe\u200b\u200d👩‍👩‍👧‍👦\u2066`;
export const LONG = `${EVIL}${"Ab̈👍 ".repeat(1_600)}`;

/** An organization in which everything has such a name. */
export function hostileBackend() {
  const fake = new FakeBackend({ people: 6, groups: 6 });
  const organization = { ...ORGANIZATION, name: LONG };
  fake.organizations = [organization, { ...OTHER, name: EVIL }, PRIVATE];
  fake.accounts = [{ ...OTHER_ACCOUNT, email: `jo${EVIL}`, name: LONG, organization: LONG }];
  fake.form = { ...FORM, clientId: "abc" };
  const world = fake.world(ORGANIZATION.id);
  world.people.forEach((person, i) => {
    person.name = `${i} ${i % 2 === 0 ? EVIL : LONG}`;
    person.email = `${i}${LONG}@evil.example`;
    person.state = "active";
    person.groups = new Set(i < 3 ? (["g-0", "g-1", "g-2"] as GroupId[]) : []);
    if (i === 0) person.origin = { kind: "other", provider: LONG };
  });
  world.groups.forEach((group, i) => {
    group.name = `${i} ${i === 2 ? `\u202eexe.txt\u2066` : i % 2 === 0 ? LONG : EVIL}`;
    group.description = LONG;
    group.origin = i === 5 ? { kind: "other", provider: EVIL } : { kind: "ezeep" };
  });
  return fake.signIn(organization, false, { ...PERSON, name: LONG, email: EVIL });
}
