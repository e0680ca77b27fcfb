// Owns the second step: everything that will be written and everything that won't, with its reason, before
// anything is written.

import { type ReactNode, useId } from "react";
import { Button } from "../../components/Button";
import { DialogPane } from "../../components/Dialog";
import { ErrorAlert } from "../../components/ErrorAlert";
import { displayName } from "../../components/parts";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import type { AppError, PlanView } from "../../ipc/bindings";
import { useNow } from "../shell/useNow";
import { PlanLines } from "./PlanLines";

export function usePlanLead(plan: PlanView): ReactNode {
  const { t, rich } = useI18n();
  const organization = <UntrustedText text={plan.organization.name} />;
  const [only] = plan.groups;
  const one = plan.groups.length === 1 && only !== undefined;
  const groups = (
    <b>
      <UntrustedText text={one ? only.name : t("plan.nGroups", { n: plan.groups.length })} />
    </b>
  );
  if (plan.verb === "edit") {
    const person = (
      <b>
        <UntrustedText text={plan.user ? displayName(plan.user) : ""} />
      </b>
    );
    return rich("plan.verbEdit", { person, organization });
  }
  // One group: each line is a user. Several groups: a user has several lines, so no number of users is given.
  if (one)
    return rich(plan.verb === "add" ? "plan.verbAdd" : "plan.verbRemove", { n: plan.lines, groups, organization });
  return rich(plan.verb === "add" ? "plan.verbAddMany" : "plan.verbRemoveMany", { groups, organization });
}

export function ReviewDialog({
  plan,
  busy,
  error,
  onApply,
  onBack,
}: {
  plan: PlanView;
  busy: boolean;
  error: AppError | null;
  onApply: () => void;
  onBack: () => void;
}) {
  const { t, counted, format } = useI18n();
  const lead = usePlanLead(plan);
  const why = useId();
  const now = useNow(10_000);
  const changes = plan.adds + plan.removes;
  const ago = plan.asOf === null ? null : format.ago(plan.asOf, Math.max(now, plan.asOf));
  const asOf = plan.asOf === null ? t("plan.asOfPart") : ago === null ? t("plan.asOfNow") : t("plan.asOf", { ago });
  const same = plan.verb === "add" ? "plan.alreadyIn" : plan.verb === "remove" ? "plan.alreadyOut" : "plan.alreadySo";
  return (
    <DialogPane title={t("plan.review")} lead={lead}>
      <div className="summary tabular-nums">
        {plan.adds > 0 && <span>{counted("plan.willAdd", { n: plan.adds })}</span>}
        {plan.removes > 0 && <span>{counted("plan.willRemove", { n: plan.removes })}</span>}
        {changes === 0 && <span>{t("plan.noneExpected")}</span>}
        {plan.unchanged > 0 && <span>{counted(same, { n: plan.unchanged, asOf })}</span>}
        {plan.blocked > 0 && <span>{counted("plan.cant", { n: plan.blocked })}</span>}
        {plan.mayMissUsers && <span>{t("plan.mayMissUsers")}</span>}
      </div>
      {error && <ErrorAlert error={error} onRetry={onApply} />}
      <PlanLines plan={plan} count={plan.lines} results={false} />
      <footer>
        <p id={why}>{t(plan.checked === 0 ? "plan.nonePossible" : "plan.perPerson")}</p>
        <Button isDisabled={busy} onPress={onBack}>
          {t("common.back")}
        </Button>
        <Button
          variant="primary"
          isPending={busy}
          isDisabled={plan.checked === 0}
          aria-describedby={why}
          onPress={onApply}
        >
          {changes === 0 && plan.checked > 0 ? t("plan.check") : t("plan.apply", { n: changes })}
        </Button>
      </footer>
    </DialogPane>
  );
}
