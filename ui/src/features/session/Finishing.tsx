// Owns the last step: the answer has arrived, tokens and organizations are fetched. Must never tell more than
// is known.
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { useI18n } from "../../i18n";
import { asAppError } from "../../ipc/errors";
import { IndeterminateBar } from "./IndeterminateBar";
import { StepHeader } from "./StepHeader";
import { useCancelSignIn } from "./useCancelSignIn";

export function Finishing() {
  const { t } = useI18n();
  const cancel = useCancelSignIn();
  return (
    <>
      <StepHeader status title={t("finishing.title")} lead={t("finishing.lead")} />
      <IndeterminateBar label={t("finishing.title")} />
      {cancel.error && <ErrorAlert error={asAppError(cancel.error)} showNextStep={false} />}
      <div className="button-row gap-above">
        <Button isPending={cancel.isPending} onPress={() => cancel.mutate()}>
          {t("common.cancel")}
        </Button>
      </div>
    </>
  );
}
