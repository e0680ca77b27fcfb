// Owns the text of one line of a plan: its sign, the user or group, and the reason or the outcome. Must never
// decide what can be changed: the line already says so.

import { displayName } from "../../components/parts";
import type { I18n } from "../../i18n";
import { sanitizeForDisplay } from "../../i18n/sanitize";
import type { AppError, GroupRef, PlanLine, PlanView } from "../../ipc/bindings";

export type PlanLineText = {
  tone: "add" | "remove" | "same" | "blocked" | "done" | "failed";
  sign: string;
  /** The name of the sign for screen readers. */
  signName: string;
  main: string;
  side: string;
};

const groupNames = (groups: readonly GroupRef[], i18n: I18n) =>
  i18n.format.list(groups.map((group) => sanitizeForDisplay(group.name)));

/**
 * @param results whether the plan was applied: a line without an outcome was not tried then.
 * @param stopped why it was stopped, if there is a reason.
 */
export function describePlanLine(
  line: PlanLine,
  plan: PlanView,
  results: boolean,
  i18n: I18n,
  stopped: AppError | null = null,
): PlanLineText {
  const { t } = i18n;
  const edit = plan.verb === "edit";
  const main = edit ? line.group.name : displayName(line.user);
  // With one group the heading names it, which leaves space for a reason.
  const place = edit || plan.groups.length === 1 ? "" : sanitizeForDisplay(line.group.name);
  const withPlace = (text: string) => (place === "" ? text : `${place} · ${text}`);

  const blocked = (reason: Extract<PlanLine["planned"], { kind: "blocked" }>["reason"]): PlanLineText => {
    return { tone: "blocked", sign: "!", signName: t("sign.blocked"), main, side: withPlace(t(`plan.${reason}`)) };
  };
  // A group synced from Microsoft Entra ID is changed there: a read can't help.
  const never = line.planned.kind === "blocked" && line.planned.reason === "syncedFromAzure";
  if (line.planned.kind === "blocked" && (!results || (never && line.outcome === null))) {
    return blocked(line.planned.reason);
  }
  if (line.planned.kind === "unchanged" && !results) {
    const text = edit ? t("plan.lineSame") : plan.verb === "remove" ? t("plan.lineNotIn") : t("plan.lineAlready");
    return { tone: "same", sign: "=", signName: t("sign.expected"), main, side: withPlace(text) };
  }
  const adding = line.planned.kind === "add" || (line.planned.kind !== "remove" && plan.verb === "add");
  const planned = {
    tone: adding ? ("add" as const) : ("remove" as const),
    sign: adding ? "+" : "−",
    signName: adding ? t("sign.add") : t("sign.remove"),
    main,
  };
  if (!results) {
    return { ...planned, side: edit ? t(adding ? "plan.lineAdd" : "plan.lineRemove") : line.group.name };
  }
  const { outcome } = line;
  if (outcome === null) {
    const untried = stopped
      ? t("plan.resultUntriedBecause", { reason: i18n.error(stopped).title })
      : t("plan.resultUntried");
    return line.planned.kind === "add" || line.planned.kind === "remove"
      ? { ...planned, tone: "same", side: withPlace(untried) }
      : { tone: "same", sign: "?", signName: t("sign.unknown"), main, side: withPlace(untried) };
  }
  switch (outcome.kind) {
    case "applied":
      return { tone: "done", sign: "✓", signName: t("sign.applied"), main, side: withPlace(t("plan.resultApplied")) };
    case "unchanged":
      return {
        tone: "same",
        sign: "=",
        signName: t("sign.unchanged"),
        main,
        side: withPlace(t("plan.resultUnchanged")),
      };
    case "blocked":
      return blocked(outcome.reason);
    case "unknown":
      return { tone: "same", sign: "?", signName: t("sign.unknown"), main, side: withPlace(t("plan.resultUnknown")) };
    case "changedMeanwhile": {
      const added = groupNames(outcome.appeared, i18n);
      const removed = groupNames(outcome.vanished, i18n);
      const side =
        added && removed
          ? t("plan.resultBoth", { added, removed })
          : added
            ? t("plan.resultAppeared", { groups: added })
            : removed
              ? t("plan.resultVanished", { groups: removed })
              : t("plan.resultMeanwhile");
      return { tone: "blocked", sign: "✓", signName: t("sign.applied"), main, side: withPlace(side) };
    }
    case "failed":
      return {
        tone: "failed",
        sign: "!",
        signName: t("sign.failed"),
        main,
        side: withPlace(i18n.error(outcome.error).title),
      };
  }
}
