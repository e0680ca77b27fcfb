// Owns the stand-in's data of one organization: its users and groups, and the answers to queries about them.
// Must never know of a session: the caller has checked it.
import type {
  Counted,
  Facets,
  FieldConflict,
  GroupEdit,
  GroupForm,
  GroupId,
  GroupQuery,
  GroupRow,
  GroupWindow,
  Origin,
  Selection,
  UserDetail,
  UserId,
  UserRow,
  UserScope,
} from "../ipc/bindings";
import { appError } from "./fakeFacts";
import type { FakeGroup, FakePerson } from "./people";

export type World = {
  people: FakePerson[];
  groups: FakeGroup[];
  /** The memberships are read, and the groups' names are not. */
  unread?: boolean;
};

let made = 0;
const freshId = () => {
  made += 1;
  return made;
};

const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** A simplified version of Rust's comparison, sufficient for the names in the tests. */
export const looks = (text: string) =>
  text
    .normalize("NFKC")
    .replace(/[\u200b\u2060\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/[‘’]/g, "'")
    .replace(/\s+/g, " ")
    .trim();

export function membersOf(world: World, id: GroupId): number {
  return world.people.filter((person) => person.groups.has(id)).length;
}

export function groupRow(world: World, group: FakeGroup): GroupRow {
  return { ...group, members: membersOf(world, group.id) };
}

export function groupsOf(world: World, person: FakePerson): FakeGroup[] {
  return world.groups.filter((group) => person.groups.has(group.id)).sort((a, b) => a.name.localeCompare(b.name));
}

export function userRow(world: World, person: FakePerson): UserRow {
  const groups = groupsOf(world, person);
  const { id, name, email, role, state, origin, settings, joined } = person;
  return {
    id,
    name,
    email,
    role,
    state,
    origin,
    settings,
    groups: groups.slice(0, 3).map((group) => ({ id: group.id, name: world.unread ? null : group.name })),
    groupCount: groups.length,
    joined,
    halfRead: state === "unsettled" && settings === null,
  };
}

export const EVERYONE: UserScope = {
  search: "",
  groups: [],
  noGroup: false,
  roles: [],
  states: [],
  origins: [],
  settings: [],
};

const sameOrigin = (a: Origin, b: Origin) =>
  a.kind === "other" && b.kind === "other" ? a.provider === b.provider : a.kind === b.kind;

export function matching(world: World, scope: UserScope): FakePerson[] {
  const words = fold(scope.search).split(/\s+/).filter(Boolean);
  return world.people.filter((person) => {
    const text = fold(`${person.name} ${person.email} ${person.id}`);
    return (
      words.every((word) => text.includes(word)) &&
      (scope.groups.length === 0 || scope.groups.some((id) => person.groups.has(id))) &&
      (!scope.noGroup || person.groups.size === 0) &&
      (scope.roles.length === 0 || scope.roles.includes(person.role)) &&
      (scope.states.length === 0 || scope.states.includes(person.state)) &&
      (scope.origins.length === 0 || scope.origins.some((origin) => sameOrigin(origin, person.origin))) &&
      scope.settings.every(({ setting, on }) => person.settings?.[setting] === on)
    );
  });
}

/** Each value alone in its filter, all users counted again. */
export function facets(world: World, scope: UserScope, groups: GroupId[]): Facets {
  const count = (part: Partial<UserScope>) => matching(world, { ...scope, ...part }).length;
  const each = <V>(values: readonly V[], alone: (value: V) => Partial<UserScope>): Counted<V>[] =>
    values.map((value) => ({ value, count: count(alone(value)) }));
  const origins: Origin[] = [{ kind: "ezeep" }, { kind: "azure" }];
  for (const { origin } of world.people) if (!origins.some((one) => sameOrigin(one, origin))) origins.push(origin);
  const settings = (["localPrinting", "selfService", "myPrinters"] as const).flatMap((setting) =>
    [true, false].map((on) => ({ setting, on })),
  );
  return {
    total: world.people.length,
    matched: count({}),
    groups: each(groups, (id) => ({ groups: [id], noGroup: false })),
    noGroup: count({ groups: [], noGroup: true }),
    roles: each(["admin", "user", "unknown"], (role) => ({ roles: [role] })),
    states: each(["active", "pendingInvitation", "printingOnly", "accountOnly", "unsettled"], (state) => ({
      states: [state],
    })),
    origins: each(origins, (origin) => ({ origins: [origin] })),
    settings: each(settings, (value) => ({
      settings: [...scope.settings.filter(({ setting }) => setting !== value.setting), value],
    })),
  };
}

export function userWindow(
  world: World,
  found: FakePerson[],
  total: number,
  { sort, descending, offset, limit }: { sort: string; descending: boolean; offset: number; limit: number },
) {
  const text = (person: FakePerson) => {
    switch (sort) {
      case "email":
        return person.email;
      case "role":
        return person.role;
      case "state":
        return person.state;
      case "origin":
        return person.origin.kind;
      case "groups":
        return groupsOf(world, person)[0]?.name ?? "";
      default:
        return person.name || person.email;
    }
  };
  const sorted = [...found].sort((a, b) => text(a).localeCompare(text(b)) || a.id.localeCompare(b.id));
  if (descending) sorted.reverse();
  const rows = sorted.slice(offset, offset + limit).map((person) => userRow(world, person));
  return { total, matched: found.length, offset, rows };
}

export function detail(world: World, id: UserId): UserDetail {
  const person = world.people.find((one) => one.id === id);
  if (!person) throw appError({ code: "userGone" });
  return {
    row: userRow(world, person),
    groups: world.unread ? [] : groupsOf(world, person).map((group) => groupRow(world, group)),
    unreadGroups: world.unread ? groupsOf(world, person).length : 0,
    joined: person.joined,
    verified: person.state === "active" ? true : null,
  };
}

export function findGroup(world: World, id: GroupId): FakeGroup {
  const group = world.groups.find((one) => one.id === id);
  if (!group) throw appError({ code: "groupGone" });
  return group;
}

const look = (name: string) => fold(name.normalize("NFKC").replace(/[\s\p{Cf}]+/gu, " ")).trim();

/** Checks a new name as Rust does. */
function checkName(world: World, name: string, id: GroupId | null, confirmed: readonly GroupId[]) {
  if (name === "") throw appError({ code: "groupNameEmpty" });
  if (look(name) === "") throw appError({ code: "groupNameInvisible" });
  const others = world.groups.filter((group) => group.id !== id);
  const alike = others.filter(
    (group) => group.name !== name && look(group.name) === look(name) && !confirmed.includes(group.id),
  );
  if (alike.length > 0)
    throw appError({ code: "groupNameLooksLike", groups: alike.map((group) => ({ id: group.id, name: group.name })) });
  if (others.some((group) => group.name === name))
    throw appError({ code: "groupNameTaken" }, '{"name":["group with this name already exists."]}');
}

export function create(world: World, { confirmedLookalikes, ...form }: GroupForm): GroupRow {
  const name = form.name.trim();
  checkName(world, name, null, confirmedLookalikes);
  const group: FakeGroup = {
    ...form,
    name,
    description: form.description.trim(),
    id: `new-${freshId()}` as GroupId,
    origin: { kind: "ezeep" },
    printers: 0,
  };
  world.groups.push(group);
  return groupRow(world, group);
}

/** Writes only touched fields, over the form's initial values. */
export function update(world: World, id: GroupId, edit: GroupEdit): void {
  const group = findGroup(world, id);
  const conflicts: FieldConflict[] = [];
  for (const field of ["name", "description"] as const) {
    const touched = edit[field];
    if (touched && touched.value.trim() !== group[field] && touched.openedWith !== group[field])
      conflicts.push({ field, theirs: group[field], mine: touched.value.trim() });
  }
  if (conflicts.length > 0) throw appError({ code: "groupChangedMeanwhile", conflicts });
  if (edit.name) checkName(world, edit.name.value.trim(), id, edit.confirmedLookalikes);
  if (edit.name) group.name = edit.name.value.trim();
  if (edit.description) group.description = edit.description.value.trim();
  if (edit.localPrinting) group.localPrinting = edit.localPrinting.value;
  if (edit.myPrinters) group.myPrinters = edit.myPrinters.value;
}

export function users(world: World, selection: Selection): UserId[] {
  if (selection.kind === "ids") return selection.ids;
  const except = new Set(selection.except);
  return matching(world, selection.scope)
    .map((person) => person.id)
    .filter((id) => !except.has(id));
}

export function groupWindow(world: World, query: GroupQuery): GroupWindow {
  const words = fold(query.search).split(/\s+/).filter(Boolean);
  const found = world.groups
    .filter((group) => words.every((word) => fold(`${group.name} ${group.description} ${group.id}`).includes(word)))
    .map((group) => groupRow(world, group))
    .sort((a, b) =>
      query.sort === "members"
        ? a.members - b.members
        : query.sort === "printers"
          ? a.printers - b.printers
          : query.sort === "description"
            ? a.description.localeCompare(b.description)
            : a.name.localeCompare(b.name),
    );
  if (query.descending) found.reverse();
  const first = world.people.find((person) => person.id === query.firstOf);
  const own = new Set(first ? groupsOf(world, first).map((group) => group.id) : []);
  found.sort((a, b) => Number(own.has(b.id)) - Number(own.has(a.id)));
  return {
    total: world.groups.length,
    matched: found.length,
    offset: query.offset,
    rows: found.slice(query.offset, query.offset + query.limit),
  };
}
