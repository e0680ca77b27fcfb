// Owns small shared parts: initials, an empty place, a state's dot, the names of an origin and a group.
import type { ReactNode } from "react";
import { useI18n } from "../i18n";
import { plain } from "../i18n/plain";
import type { Origin, RowGroup, UserRow, UserState } from "../ipc/bindings";
import { Foreign } from "./Foreign";

/** Two initials: the first letters of the first and of the last word. */
export function initials(name: string): string {
  const words = plain(name).trim().split(/\s+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toLocaleUpperCase() || "·";
}

/** Decoration only: the style sheet draws the letters, so that they are not part of a button's name. */
export function Face({ name, large = false }: { name: string; large?: boolean }) {
  return <span className={large ? "face large" : "face"} data-drawn={initials(name)} aria-hidden="true" />;
}

/** The displayed name: the name, or the address, or the id. */
export function called(person: { name: string; email: string; id: string }): string {
  return person.name || person.email || person.id;
}

/** A secondary text beside the name in a list. */
export function Dim({ text, mono = false }: { text: string; mono?: boolean }) {
  return (
    <span className={mono ? "mono dim" : "dim"}>
      <Foreign text={text} />
    </span>
  );
}

export function Empty({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {lead && <p>{lead}</p>}
      {children}
    </div>
  );
}

const DOTS: Record<UserState, string> = {
  active: "dot",
  pendingInvitation: "dot wait",
  printingOnly: "dot odd",
  accountOnly: "dot odd",
  unsettled: "dot wait",
};

export function StateDot({ state, long = false }: { state: UserState; long?: boolean }) {
  const { t } = useI18n();
  return (
    <span className={DOTS[state]}>
      <span className={long ? undefined : "cut"}>{long ? t(`stateLong.${state}`) : t(`state.${state}`)}</span>
    </span>
  );
}

/** A group's name, or a placeholder until it is read. */
export function GroupName({ group }: { group: RowGroup }) {
  const { t } = useI18n();
  if (group.name !== null) return <Foreign text={group.name} />;
  return <Unread label={t("user.groupUnread")} />;
}

/** A placeholder for what is not read yet. */
export function Unread({ label }: { label: string }) {
  return <span className="bone word" role="img" aria-label={label} />;
}

export function originName(origin: Origin, t: ReturnType<typeof useI18n>["t"]): string {
  switch (origin.kind) {
    case "ezeep":
      return t("origin.ezeep");
    case "azure":
      return t("origin.azure");
    case "other":
      return origin.provider;
  }
}

/** The settings that are on, as text. */
export function settingsText(row: UserRow, t: ReturnType<typeof useI18n>["t"]): string {
  if (!row.settings) return "";
  const on = (["localPrinting", "selfService", "myPrinters"] as const).filter((setting) => row.settings?.[setting]);
  return on.length === 0 ? t("common.none") : on.map((setting) => t(`setting.${setting}`)).join(", ");
}
