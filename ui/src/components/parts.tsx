// Owns small shared parts: initials, an empty place, a state's dot, the names of an origin and a group.
import type { ReactNode } from "react";
import { useI18n } from "../i18n";
import { sanitizeForDisplay } from "../i18n/sanitize";
import type { Origin, RowGroup, UserRow, UserState } from "../ipc/bindings";
import { UntrustedText } from "./UntrustedText";

/** Two initials: the first letters of the first and of the last word. */
export function initials(name: string): string {
  const words = sanitizeForDisplay(name).trim().split(/\s+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toLocaleUpperCase() || "·";
}

/** Decoration only: the style sheet draws the letters, so that they are not part of a button's name. */
export function Avatar({ name, large = false }: { name: string; large?: boolean }) {
  return <span className={large ? "avatar large" : "avatar"} data-drawn={initials(name)} aria-hidden="true" />;
}

/** The displayed name: the name, or the address, or the id. */
export function displayName(person: { name: string; email: string; id: string }): string {
  return person.name || person.email || person.id;
}

/** A secondary text beside the name in a list. */
export function SecondaryText({ text, mono = false }: { text: string; mono?: boolean }) {
  return (
    <span className={mono ? "mono secondary" : "secondary"}>
      <UntrustedText text={text} />
    </span>
  );
}

export function EmptyState({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
  return (
    <div className="empty-state">
      <strong>{title}</strong>
      {lead && <p>{lead}</p>}
      {children}
    </div>
  );
}

const STATE_CLASSES: Record<UserState, string> = {
  active: "dot",
  pendingInvitation: "dot pending",
  printingOnly: "dot limited",
  accountOnly: "dot limited",
  unsettled: "dot pending",
};

export function StateDot({ state, long = false }: { state: UserState; long?: boolean }) {
  const { t } = useI18n();
  return (
    <span className={STATE_CLASSES[state]}>
      <span className={long ? undefined : "truncate"}>{long ? t(`stateLong.${state}`) : t(`state.${state}`)}</span>
    </span>
  );
}

/** A group's name, or a placeholder until it is read. */
export function GroupName({ group }: { group: RowGroup }) {
  const { t } = useI18n();
  if (group.name !== null) return <UntrustedText text={group.name} />;
  return <SkeletonText label={t("user.groupUnread")} />;
}

/** A placeholder for what is not read yet. */
export function SkeletonText({ label }: { label: string }) {
  return <span className="skeleton inline" role="img" aria-label={label} />;
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
