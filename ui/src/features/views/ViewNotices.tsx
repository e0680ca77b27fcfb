// Owns the notes about saved views over the list: one was deleted, or one names a deleted group.
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { CrossIcon } from "../../components/icons";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import { sanitizeForDisplay } from "../../i18n/sanitize";
import type { SavedViews } from "./useSavedViews";

function Line({ children, onClose, undo }: { children: React.ReactNode; onClose: () => void; undo?: () => void }) {
  const { t } = useI18n();
  return (
    <div className="note neutral dismissible" role="status">
      <span>{children}</span>
      {undo && (
        <Button variant="link" onPress={undo}>
          {t("common.undo")}
        </Button>
      )}
      <Button variant="quiet" small className="icon" aria-label={t("common.dismiss")} onPress={onClose}>
        <CrossIcon />
      </Button>
    </div>
  );
}

export function ViewNotices({
  views,
  gone,
}: {
  views: SavedViews;
  gone: { gone: readonly string[]; dismiss: () => void };
}) {
  const { t, rich, format } = useI18n();
  return (
    <>
      {gone.gone.length > 0 && (
        <Line onClose={gone.dismiss}>
          {t("views.gone", { names: format.list(gone.gone.map((name) => sanitizeForDisplay(name))) })}
        </Line>
      )}
      {views.deleted && (
        <Line onClose={views.dismissDeleted} undo={views.undo}>
          {rich("views.deleted", {
            name: (
              <b>
                <UntrustedText text={views.deleted.form.name} />
              </b>
            ),
          })}
        </Line>
      )}
      {views.failure && <ErrorAlert error={views.failure} onDismiss={views.dismiss} />}
    </>
  );
}
