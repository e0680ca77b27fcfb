// Owns realistic users and groups for the stand-in, always the same.
import type { GroupId, GroupRow, Origin, PrintSettings, Role, UserId, UserState } from "../ipc/bindings";

export type FakePerson = {
  id: UserId;
  name: string;
  email: string;
  role: Role;
  state: UserState;
  origin: Origin;
  settings: PrintSettings | null;
  groups: Set<GroupId>;
  joined: number | null;
};

export type FakeGroup = Omit<GroupRow, "members">;

const FIRST =
  "Amélie Annika Bülent Jonas Kateřina Lars Leonie Mats Nadia Øyvind Paul Rosa Sibel Tomasz Ursula Wim Zoë Ines Chidi Mei".split(
    " ",
  );
const LAST =
  "Müllner Müller Mülayim Müller-Åkerström Mülhausová Brandt Kowalczyk Petersen Yılmaz Nguyễn Østergård Schröder García O’Neill Ivanova Tanaka".split(
    " ",
  );
const GROUPS =
  "Lehrkräfte|Haus A|Haus B, 2. Stock|Haus C|Sport|Labor|Kollegium Azure|Verwaltung|Bibliothek|Klasse 5a|Klasse 5b|Klasse 6a|Mensa|IT".split(
    "|",
  );

/** A small, fixed sequence, which has no influence on what is tested. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

export function makeGroups(count: number): FakeGroup[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `g-${i}` as GroupId,
    name: GROUPS[i] ?? `Klasse ${7 + Math.floor(i / 4)}${"abcd"[i % 4]}`,
    description: i % 3 === 0 ? "Drucker im Erdgeschoss und im Lehrerzimmer" : "",
    origin: GROUPS[i]?.endsWith("Azure") ? { kind: "azure" } : { kind: "ezeep" },
    printers: (i * 7) % 19,
    localPrinting: i % 2 === 0,
    myPrinters: i % 5 === 0,
  }));
}

export function makePeople(count: number, groups: readonly FakeGroup[]): FakePerson[] {
  const next = sequence(42);
  return Array.from({ length: count }, (_, i) => {
    const first = FIRST[i % FIRST.length] ?? "";
    const last = LAST[Math.floor(i / FIRST.length + i) % LAST.length] ?? "";
    const state: UserState =
      i % 11 === 5 ? "pendingInvitation" : i % 23 === 8 ? "printingOnly" : i % 29 === 9 ? "accountOnly" : "active";
    const mine = new Set<GroupId>();
    if (state !== "accountOnly") {
      const wanted = i % 7 === 6 ? 0 : 1 + Math.floor(next() * 4);
      for (let k = 0; k < wanted; k += 1) {
        const group = groups[Math.floor(next() * next() * groups.length)];
        if (group) mine.add(group.id);
      }
    }
    const plain = `${first}.${last}${i >= FIRST.length ? i : ""}`
      .toLowerCase()
      .normalize("NFD")
      .replace(/[^a-z0-9.-]/g, "");
    return {
      id: `0050a068-cc7b-4490-951a-${String(i).padStart(12, "0")}` as UserId,
      name: state === "printingOnly" ? "" : `${first} ${last}`,
      email: `${plain}@nordhafen.example`,
      role: i % 17 === 4 ? "admin" : "user",
      state,
      origin: i % 6 === 0 ? { kind: "azure" } : { kind: "ezeep" },
      settings:
        state === "accountOnly"
          ? null
          : { localPrinting: i % 2 === 0, selfService: i % 3 === 0, myPrinters: i % 5 === 0 },
      groups: mine,
      joined: state === "pendingInvitation" ? null : Date.UTC(2023, i % 12, 1 + (i % 27)),
    };
  });
}
