// Owns the dialog for a view's name. Must never validate a name: Rust does, and its error is shown here.
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { DialogPane, FOCUS_RESTORE_MS, ModalFrame } from "../../components/Dialog";
import { ErrorAlert } from "../../components/ErrorAlert";
import { useI18n } from "../../i18n";
import { asAppError } from "../../ipc/errors";
import { useShell } from "../shell/context";
import type { SavedViews } from "./useSavedViews";

export function ViewNameDialog({ views }: { views: SavedViews }) {
  const { t } = useI18n();
  const { organization } = useShell();
  const id = useId();
  const renaming = views.naming === "rename";
  const field = useRef<HTMLInputElement>(null);
  // The menu that led here returns the focus after it has closed; the focus is wanted in this field.
  useEffect(() => {
    const timer = setTimeout(() => field.current?.focus(), FOCUS_RESTORE_MS);
    return () => clearTimeout(timer);
  }, []);
  const [name, setName] = useState(renaming ? (views.current?.form.name ?? "") : "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!views.busy && name.trim() !== "") views.name(name);
  };
  return (
    <ModalFrame color={organization.color} narrow locked={views.busy} onClose={views.cancelNaming}>
      <DialogPane
        title={renaming ? t("views.renameTitle") : t("views.saveTitle")}
        lead={renaming ? undefined : views.persisted ? t("views.saveLead") : t("views.saveLeadMemory")}
      >
        <form className="form" onSubmit={submit} noValidate>
          <div className="body">
            {views.problem !== null && <ErrorAlert error={asAppError(views.problem)} />}
            <div className="field spaced">
              <span className="label">
                <label htmlFor={id}>{t("views.name")}</label>
              </span>
              <input
                ref={field}
                id={id}
                className="input"
                // biome-ignore lint/a11y/noAutofocus: the dialog waits for this input only.
                autoFocus
                autoComplete="off"
                spellCheck={false}
                maxLength={120}
                value={name}
                onFocus={(event) => event.target.select()}
                onChange={(event) => setName(event.target.value)}
              />
            </div>
          </div>
          <footer>
            <Button isDisabled={views.busy} onPress={views.cancelNaming}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" variant="primary" isPending={views.busy} isDisabled={name.trim() === ""}>
              {renaming ? t("views.renameGo") : t("views.saveGo")}
            </Button>
          </footer>
        </form>
      </DialogPane>
    </ModalFrame>
  );
}
