// Owns the dialogs "New group" and "Edit group". Must never send an untouched field, nor answer a question by
// itself.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { DialogPane, ModalFrame } from "../../components/Dialog";
import { ErrorAlert } from "../../components/ErrorAlert";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import type {
  FieldConflict,
  FieldEdit,
  GroupEdit,
  GroupField,
  GroupId,
  GroupRow,
  GroupSaved,
} from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { useShell } from "../shell/context";
import { type Choice, FieldConflicts, FocusedMessage, fieldNames } from "./GroupQuestions";

/** Characters of a name and of a description (contract, createGroup). */
const MAX_LENGTH = 255;

const length = (text: string) => [...text].length;

type Fields = Pick<GroupRow, "name" | "description" | "localPrinting" | "myPrinters">;

const NEW: Fields = { name: "", description: "", localPrinting: true, myPrinters: false };

function fieldsOf({ name, description, localPrinting, myPrinters }: Fields): Fields {
  return { name, description, localPrinting, myPrinters };
}

/** Only touched fields. */
function editOf(opened: Fields, fields: Fields, confirmedLookalikes: GroupId[]): GroupEdit {
  const edit = <F extends keyof Fields>(field: F): FieldEdit<Fields[F]> | null =>
    fields[field] === opened[field] ? null : { openedWith: opened[field], value: fields[field] };
  return {
    name: edit("name"),
    description: edit("description"),
    localPrinting: edit("localPrinting"),
    myPrinters: edit("myPrinters"),
    confirmedLookalikes,
  };
}

export function GroupForm({ group, onClose }: { group: GroupRow | null; onClose: (done: GroupRow | null) => void }) {
  const { t, rich } = useI18n();
  const { organization, workspace } = useShell();
  const commands = useCommands();
  const client = useQueryClient();
  const ids = useId();
  const nameField = useRef<HTMLInputElement>(null);
  /** The form's initial values; after a conflict, the server's values that were shown. */
  const [opened, setOpened] = useState<Fields>(() => fieldsOf(group ?? NEW));
  const [form, setForm] = useState<Fields>(opened);
  const [nameless, setNameless] = useState(false);
  const [conflicts, setConflicts] = useState<readonly FieldConflict[]>([]);
  const [choices, setChoices] = useState<ReadonlyMap<GroupField, Choice>>(new Map());
  /** Saved without an answer to each question. */
  const [unanswered, setUnanswered] = useState(false);
  const [confirmed, setConfirmed] = useState<GroupId[]>([]);
  const set = (part: Partial<Fields>) => setForm((now) => ({ ...now, ...part }));
  const touched = (field: keyof Fields) => group === null || form[field] !== opened[field];
  const charactersOver = (field: "name" | "description") =>
    touched(field) ? length(form[field].trim()) - MAX_LENGTH : 0;

  const save = useMutation({
    mutationFn: async (confirmedLookalikes: GroupId[]): Promise<GroupSaved> =>
      group
        ? commands.group_update({ workspace, id: group.id, edit: editOf(opened, form, confirmedLookalikes) })
        : {
            group: await commands.group_create({ workspace, form: { ...form, confirmedLookalikes } }),
            changedMeanwhile: [],
          },
    onSuccess: async (saved) => {
      client.setQueryData(queryKeys.group(workspace, saved.group.id), saved.group);
      // The list is refreshed before the dialog closes, so that the group is found in it.
      await client.invalidateQueries({ queryKey: queryKeys.directory(workspace, "groups") }).catch(() => undefined);
      if (saved.changedMeanwhile.length === 0) onClose(saved.group);
      client.invalidateQueries({ queryKey: queryKeys.directory(workspace) }).catch(() => undefined);
    },
    onError: (thrown) => {
      const error = asAppError(thrown);
      if (error.code !== "groupChangedMeanwhile") return;
      setConflicts(error.conflicts);
      setChoices(new Map());
      setUnanswered(false);
      for (const { field, theirs } of error.conflicts) setOpened((now) => ({ ...now, [field]: theirs }));
    },
  });
  const error = save.error ? asAppError(save.error) : null;
  const nameOver = charactersOver("name");
  const descriptionOver = charactersOver("description");
  const nameWrong = nameless
    ? t("groupForm.nameNeeded")
    : nameOver > 0
      ? t("groupForm.tooLong", { n: nameOver, max: MAX_LENGTH })
      : null;
  const descriptionWrong = descriptionOver > 0 ? t("groupForm.tooLong", { n: descriptionOver, max: MAX_LENGTH }) : null;
  const refusedName =
    error?.code === "groupNameTaken" ||
    error?.code === "groupNameEmpty" ||
    error?.code === "groupNameTooLong" ||
    error?.code === "groupNameInvisible" ||
    error?.code === "groupNameLooksLike";
  const asks = conflicts.some(({ field }) => !choices.has(field));

  const send = (confirmedLookalikes: GroupId[]) => {
    setConflicts([]);
    setConfirmed(confirmedLookalikes);
    save.mutate(confirmedLookalikes);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const empty = touched("name") && form.name.trim() === "";
    setNameless(empty);
    if (asks) {
      setUnanswered(true);
      const questions = [...event.currentTarget.querySelectorAll("[role=radiogroup]")];
      const first = questions.find((question) => question.querySelector(":checked") === null);
      first?.querySelector("input")?.focus();
    } else if (empty || nameOver > 0) nameField.current?.focus();
    else if (descriptionOver <= 0 && !save.isPending) send(confirmed);
  };
  const type = (field: "name" | "description", value: string) => {
    set({ [field]: value });
    // Typing into a field with a conflict counts as an answer.
    if (conflicts.some((conflict) => conflict.field === field)) setChoices((now) => new Map(now).set(field, "mine"));
  };

  const title = group ? t("groupForm.editTitle") : t("groupForm.newTitle");
  const lead = rich("groupForm.in", {
    organization: (
      <b>
        <UntrustedText text={organization.name} />
      </b>
    ),
  });
  if (save.data && save.data.changedMeanwhile.length > 0) {
    const { group: now, changedMeanwhile } = save.data;
    return (
      <ModalFrame color={organization.color} narrow onClose={() => onClose(now)}>
        <DialogPane title={title} lead={lead}>
          <div className="body">
            <ChangedMeanwhile group={now} fields={changedMeanwhile} />
          </div>
          <footer>
            <Button variant="primary" onPress={() => onClose(now)}>
              {t("common.close")}
            </Button>
          </footer>
        </DialogPane>
      </ModalFrame>
    );
  }
  return (
    <ModalFrame color={organization.color} narrow locked={save.isPending} onClose={() => onClose(null)}>
      <DialogPane title={title} lead={lead}>
        <form className="form" onSubmit={submit} noValidate>
          <div className="body">
            {error?.code === "groupChangedMeanwhile"
              ? conflicts.length > 0 && (
                  <FocusedMessage focusKey={conflicts}>
                    <FieldConflicts
                      error={error}
                      conflicts={conflicts}
                      choices={choices}
                      missing={unanswered}
                      onChoose={(conflict, choice) => {
                        set({ [conflict.field]: conflict[choice] });
                        setChoices((now) => new Map(now).set(conflict.field, choice));
                      }}
                    />
                  </FocusedMessage>
                )
              : error && (
                  <FocusedMessage focusKey={save.failureReason}>
                    <ErrorAlert
                      error={error}
                      action={
                        error.code === "groupNameLooksLike" ? (
                          <Button
                            isDisabled={save.isPending}
                            onPress={() => send([...confirmed, ...error.groups.map(({ id }) => id)])}
                          >
                            {t("groupForm.useAnyway")}
                          </Button>
                        ) : error.code === "createUnconfirmed" ? (
                          error.candidates.map(({ id, name }) => (
                            <Button
                              key={id}
                              onPress={() => {
                                commands.group({ workspace, id }).then(onClose, () => onClose(null));
                              }}
                            >
                              <span className="truncate">{t("groupForm.showGroup", { name })}</span>
                            </Button>
                          ))
                        ) : null
                      }
                    />
                  </FocusedMessage>
                )}
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
                  type("name", event.target.value);
                  setNameless(false);
                  // Another name was confirmed before.
                  setConfirmed([]);
                  if (refusedName) save.reset();
                }}
              />
              {nameWrong && (
                <span id={`${ids}-name-wrong`} className="hint danger" role="alert">
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
                onChange={(event) => type("description", event.target.value)}
              />
              {descriptionWrong && (
                <span id={`${ids}-description-wrong`} className="hint danger" role="alert">
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
            <Button type="submit" variant="primary" isPending={save.isPending}>
              {group ? t("groupForm.save") : t("groupForm.create")}
            </Button>
          </footer>
        </form>
      </DialogPane>
    </ModalFrame>
  );
}

/** Shows the fields that another admin changed during the save. */
function ChangedMeanwhile({ group, fields }: { group: GroupRow; fields: readonly GroupField[] }) {
  const { t } = useI18n();
  const shown = (field: GroupField) => {
    const value = group[field];
    if (typeof value === "boolean") return value ? t("common.on") : t("common.off");
    return <UntrustedText text={value || t("group.noDescription")} />;
  };
  return (
    <FocusedMessage focusKey={fields}>
      <div className="alert" role="alert">
        <strong>{t("groupForm.savedTitle")}</strong>
        <span>{t("groupForm.savedLead")}</span>
        <dl className="facts">
          {fields.map((field) => (
            <div key={field}>
              <dt>{t(fieldNames[field])}</dt>
              <dd>{shown(field)}</dd>
            </div>
          ))}
        </dl>
      </div>
    </FocusedMessage>
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
