// Owns the dialogs "New group" and "Edit group". Must never send what the contract forbids: it says so before.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { DialogPane, ModalFrame } from "../../components/Dialog";
import { ErrorAlert } from "../../components/ErrorAlert";
import { Foreign } from "../../components/Foreign";
import { useI18n } from "../../i18n";
import type { GroupForm as Form, GroupRow } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { useShell } from "../shell/context";

/** Characters of a name and of a description (contract, createGroup). */
const MAX = 255;

const length = (text: string) => [...text].length;

export function GroupForm({ group, onClose }: { group: GroupRow | null; onClose: (done: GroupRow | null) => void }) {
  const { t, rich } = useI18n();
  const { organization, workspace } = useShell();
  const commands = useCommands();
  const client = useQueryClient();
  const ids = useId();
  const nameField = useRef<HTMLInputElement>(null);
  const [form, setForm] = useState<Form>({
    name: group?.name ?? "",
    description: group?.description ?? "",
    localPrinting: group?.localPrinting ?? true,
    myPrinters: group?.myPrinters ?? false,
  });
  const [nameless, setNameless] = useState(false);
  const set = (part: Partial<Form>) => setForm((now) => ({ ...now, ...part }));
  const over = (text: string) => length(text.trim()) - MAX;

  const save = useMutation({
    mutationFn: () => {
      const sent = { ...form, name: form.name.trim(), description: form.description.trim() };
      return group
        ? commands.group_update({ workspace, id: group.id, form: sent })
        : commands.group_create({ workspace, form: sent });
    },
    onSuccess: async (row) => {
      client.setQueryData(keys.group(workspace, row.id), row);
      // The list is new before the dialog goes, so that the group is found in it.
      await client.invalidateQueries({ queryKey: keys.directory(workspace, "groups") }).catch(() => undefined);
      onClose(row);
      client.invalidateQueries({ queryKey: keys.directory(workspace) }).catch(() => undefined);
    },
  });
  const error = save.error ? asAppError(save.error) : null;
  const nameOver = over(form.name);
  const descriptionOver = over(form.description);
  const nameWrong = nameless
    ? t("groupForm.nameNeeded")
    : nameOver > 0
      ? t("groupForm.tooLong", { n: nameOver, max: MAX })
      : null;
  const descriptionWrong = descriptionOver > 0 ? t("groupForm.tooLong", { n: descriptionOver, max: MAX }) : null;
  const refusedName =
    error?.code === "groupNameTaken" || error?.code === "groupNameEmpty" || error?.code === "groupNameTooLong";

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const empty = form.name.trim() === "";
    setNameless(empty);
    if (empty || nameOver > 0) nameField.current?.focus();
    else if (descriptionOver <= 0 && !save.isPending) save.mutate();
  };

  const title = group ? t("groupForm.editTitle") : t("groupForm.newTitle");
  return (
    <ModalFrame color={organization.color} narrow locked={save.isPending} onClose={() => onClose(null)}>
      <DialogPane
        title={title}
        lead={rich("groupForm.in", {
          organization: (
            <b>
              <Foreign text={organization.name} />
            </b>
          ),
        })}
      >
        <form className="form" onSubmit={submit} noValidate>
          <div className="body">
            {error && <ErrorAlert error={error} />}
            <div className="field">
              <span className="label">
                <label htmlFor={`${ids}-name`}>{t("groupForm.name")}</label>
              </span>
              <input
                ref={nameField}
                id={`${ids}-name`}
                className="input"
                // biome-ignore lint/a11y/noAutofocus: the dialog begins with its first field.
                autoFocus
                autoComplete="off"
                value={form.name}
                aria-invalid={nameWrong !== null || refusedName || undefined}
                aria-describedby={nameWrong ? `${ids}-name-wrong` : undefined}
                onChange={(event) => {
                  set({ name: event.target.value });
                  setNameless(false);
                  if (refusedName) save.reset();
                }}
              />
              {nameWrong && (
                <span id={`${ids}-name-wrong`} className="hint bad" role="alert">
                  {nameWrong}
                </span>
              )}
            </div>
            <div className="field">
              <span className="label">
                <label htmlFor={`${ids}-description`}>{t("groupForm.description")}</label>
              </span>
              <input
                id={`${ids}-description`}
                className="input"
                autoComplete="off"
                value={form.description}
                aria-invalid={descriptionWrong !== null || undefined}
                aria-describedby={descriptionWrong ? `${ids}-description-wrong` : undefined}
                onChange={(event) => set({ description: event.target.value })}
              />
              {descriptionWrong && (
                <span id={`${ids}-description-wrong`} className="hint bad" role="alert">
                  {descriptionWrong}
                </span>
              )}
            </div>
            <Switch
              label={t("groupForm.local")}
              hint={t("groupForm.localHint")}
              on={form.localPrinting}
              onChange={(localPrinting) => set({ localPrinting })}
            />
            <Switch
              label={t("groupForm.my")}
              hint={t("groupForm.myHint")}
              on={form.myPrinters}
              onChange={(myPrinters) => set({ myPrinters })}
            />
          </div>
          <footer>
            <Button isDisabled={save.isPending} onPress={() => onClose(null)}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" look="go" busy={save.isPending}>
              {group ? t("groupForm.save") : t("groupForm.create")}
            </Button>
          </footer>
        </form>
      </DialogPane>
    </ModalFrame>
  );
}

function Switch({
  label,
  hint,
  on,
  onChange,
}: {
  label: string;
  hint: string;
  on: boolean;
  onChange: (on: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="switch">
      <input
        id={id}
        type="checkbox"
        role="switch"
        className="switch-box"
        checked={on}
        aria-checked={on}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        <label htmlFor={id}>{label}</label>
        <small id={`${id}-hint`}>{hint}</small>
      </span>
    </div>
  );
}
