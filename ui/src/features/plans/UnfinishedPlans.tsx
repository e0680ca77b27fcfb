// Owns the bar of unfinished changes: what they are, their progress, continue or discard. Must never continue
// by itself: nothing is written without the user.

import { useId } from "react";
import { Button } from "../../components/Button";
import { displayName } from "../../components/parts";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import type { PlanSummary } from "../../ipc/bindings";
import { useShell } from "../shell/context";

/** Lines shown; of the others only the number. */
const MAX_SHOWN = 3;

function useDescription({ plan, progress, madeAt }: PlanSummary) {
  const { t, rich, format, error } = useI18n();
  const [only] = plan.groups;
  const one = plan.groups.length === 1 && only !== undefined;
  const groups = (
    <b>
      <UntrustedText text={one ? only.name : t("plan.nGroups", { n: plan.groups.length })} />
    </b>
  );
  const what =
    plan.verb === "edit"
      ? rich("unfinished.edit", {
          person: (
            <b>
              <UntrustedText text={plan.user ? displayName(plan.user) : ""} />
            </b>
          ),
        })
      : one
        ? rich(plan.verb === "add" ? "unfinished.add" : "unfinished.remove", { n: plan.lines, groups })
        : rich(plan.verb === "add" ? "unfinished.addMany" : "unfinished.removeMany", { groups });
  const state =
    progress.state === "ready"
      ? plan.adds + plan.removes > 0
        ? t("unfinished.ready", { n: plan.adds + plan.removes })
        : t("unfinished.check", { n: progress.total })
      : [
          t("unfinished.applied", { applied: progress.applied, total: progress.total }),
          ...(progress.unchanged > 0 ? [t("unfinished.unchanged", { n: progress.unchanged })] : []),
          ...(progress.waiting ? [t("unfinished.waiting", { reason: error(progress.waiting).title })] : []),
          ...(progress.failed > 0 ? [t("unfinished.failed", { n: progress.failed })] : []),
        ].join(", ");
  return { what, far: state, when: format.clock(madeAt, Date.now()) };
}

function UnfinishedPlan({ summary }: { summary: PlanSummary }) {
  const { t } = useI18n();
  const { startMembershipChange, discardPlan } = useShell();
  const id = useId();
  const { what, far, when } = useDescription(summary);
  const { plan, progress } = summary;
  return (
    <li>
      <span id={id} className="truncate">
        {what}
        <span className="secondary tabular-nums">
          {" · "}
          {far}
          {" · "}
          {when}
        </span>
      </span>
      <Button
        small
        aria-describedby={id}
        onPress={() =>
          startMembershipChange({ kind: "resume", plan, at: progress.state === "ready" ? "review" : "run" })
        }
      >
        {t("unfinished.continue")}
      </Button>
      {(progress.state === "ready" || progress.state === "finished") && (
        <Button
          variant="quiet"
          small
          aria-describedby={id}
          tooltip={progress.applied > 0 ? t("unfinished.stays") : undefined}
          onPress={() => discardPlan(plan.id)}
        >
          {t("unfinished.discard")}
        </Button>
      )}
    </li>
  );
}

export function UnfinishedPlans({ plans }: { plans: readonly PlanSummary[] }) {
  const { t } = useI18n();
  const more = plans.length - MAX_SHOWN;
  return (
    <section className="unfinished-plans" aria-label={t("unfinished.title")}>
      <h2>{t("unfinished.title")}</h2>
      <div className="unfinished-list">
        <ul>
          {plans.slice(0, MAX_SHOWN).map((summary) => (
            <UnfinishedPlan key={summary.plan.id} summary={summary} />
          ))}
        </ul>
        {(more > 0 || plans.some(({ progress }) => progress.applied > 0)) && (
          <p className="secondary tabular-nums">
            {more > 0 && <span>{t("unfinished.more", { n: more })}</span>}
            {plans.some(({ progress }) => progress.applied > 0) && <span>{t("unfinished.stays")}</span>}
          </p>
        )}
      </div>
    </section>
  );
}
