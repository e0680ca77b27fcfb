// Owns the dialog that deletes a group: what is lost, and the typed name if the group has members. Must never
// compare the name itself: Rust does for the button, and again for the deletion.

import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { copyText } from "../../components/copyText";
import { DialogPane, ModalFrame } from "../../components/Dialog";
import { ErrorAlert } from "../../components/ErrorAlert";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import type { GroupRow } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { useShell } from "../shell/context";

export function DeleteGroup({ group, onClose }: { group: GroupRow; onClose: (deleted: boolean) => void }) {
  const { t, rich } = useI18n();
  const { organization, workspace } = useShell();
  const commands = useCommands();
  const client = useQueryClient();
  const id = useId();
  const reasonId = `${id}-reason`;
  const shown = useRef<HTMLElement>(null);
  const [typed, setTyped] = useState("");
  const remove = useMutation({
    mutationFn: (confirmation: string | null) => commands.group_delete({ workspace, id: group.id, confirmation }),
    onSuccess: async () => {
      // The list is refreshed before the dialog closes, so that nothing refers to the group any more.
      await client.invalidateQueries({ queryKey: queryKeys.directory(workspace, "groups") }).catch(() => undefined);
      onClose(true);
      client.invalidateQueries({ queryKey: queryKeys.directory(workspace) }).catch(() => undefined);
    },
  });
  const error = remove.error ? asAppError(remove.error) : null;
  // Rust also asks for the name if the server knows of members that this list doesn't have.
  const needed = group.members > 0 || error?.code === "confirmationMismatch";
  // Not trimmed: a name of blanks only is confirmed by a copy of it.
  const empty = typed === "";
  const same = useQuery({
    queryKey: queryKeys.typed(workspace, typed, group.name),
    queryFn: () => commands.looks_the_same({ typed, shown: group.name }),
    enabled: needed && !empty,
    // The last answer stays until the next one arrives, so that the button doesn't flicker.
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const matches = !empty && same.data === true;
  const reason = !needed || matches ? null : t(empty ? "groupDelete.typeFirst" : "groupDelete.differs");
  const copy = useMutation({ mutationFn: () => copyText(group.name, shown.current) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason === null && !remove.isPending) remove.mutate(needed ? typed : null);
  };
  const name = <UntrustedText text={group.name} />;
  return (
    <ModalFrame color={organization.color} narrow locked={remove.isPending} onClose={() => onClose(false)}>
      <DialogPane
        title={t("groupDelete.title", { name: group.name })}
        heading={rich("groupDelete.title", { name })}
        lead={rich("groupDelete.in", {
          organization: (
            <b>
              <UntrustedText text={organization.name} />
            </b>
          ),
        })}
      >
        <form className="form" onSubmit={submit} noValidate>
          <div className="body">
            {error && <ErrorAlert error={error} />}
            <p>{group.members > 0 ? t("groupDelete.members", { n: group.members }) : t("groupDelete.empty")}</p>
            {needed && (
              <div className="field spaced">
                <span className="label">
                  <label htmlFor={id}>{t("groupDelete.type")}</label>
                </span>
                <p className="name-to-type">
                  <b ref={shown} className="selectable">
                    {name}
                  </b>
                  <Button small isPending={copy.isPending} onPress={() => copy.mutate()}>
                    {t("groupDelete.copy")}
                  </Button>
                  <span className="secondary" aria-live="polite">
                    {copy.isSuccess ? t("groupDelete.copied") : copy.isError ? t("groupDelete.copyFailed") : ""}
                  </span>
                </p>
                <input
                  id={id}
                  className="input"
                  aria-describedby={reason === null ? undefined : reasonId}
                  // biome-ignore lint/a11y/noAutofocus: the dialog waits for this input only.
                  autoFocus
                  autoComplete="off"
                  spellCheck={false}
                  value={typed}
                  onChange={(event) => setTyped(event.target.value)}
                />
                <span id={reasonId} className="hint" aria-live="polite">
                  {reason}
                </span>
              </div>
            )}
          </div>
          <footer>
            <Button isDisabled={remove.isPending} onPress={() => onClose(false)}>
              {t("common.cancel")}
            </Button>
            <Button
              type="submit"
              variant="danger primary"
              isPending={remove.isPending}
              isDisabled={reason !== null}
              {...(reason === null ? {} : { "aria-describedby": reasonId })}
            >
              {t("groupDelete.go")}
            </Button>
          </footer>
        </form>
      </DialogPane>
    </ModalFrame>
  );
}
