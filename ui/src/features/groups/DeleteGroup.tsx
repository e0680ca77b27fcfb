// Owns the dialog that deletes a group: what is lost, and the group's name typed where people lose something.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/Button";
import { DialogPane, ModalFrame } from "../../components/Dialog";
import { ErrorAlert } from "../../components/ErrorAlert";
import { Foreign } from "../../components/Foreign";
import { useI18n } from "../../i18n";
import { plain } from "../../i18n/plain";
import type { GroupRow } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { useShell } from "../shell/context";

export function DeleteGroup({ group, onClose }: { group: GroupRow; onClose: (deleted: boolean) => void }) {
  const { t, rich } = useI18n();
  const { organization, workspace } = useShell();
  const commands = useCommands();
  const client = useQueryClient();
  const id = useId();
  const [typed, setTyped] = useState("");
  const remove = useMutation({
    mutationFn: (confirmation: string | null) => commands.group_delete({ workspace, id: group.id, confirmation }),
    onSuccess: async () => {
      // The list is new before the dialog goes, so that nothing points at the group any more.
      await client.invalidateQueries({ queryKey: keys.directory(workspace, "groups") }).catch(() => undefined);
      onClose(true);
      client.invalidateQueries({ queryKey: keys.directory(workspace) }).catch(() => undefined);
    },
  });
  const error = remove.error ? asAppError(remove.error) : null;
  // Rust asks for the name too where the server knows of members that this list doesn't.
  const needed = group.members > 0 || error?.code === "confirmationMismatch";
  // Nobody can type what is not seen: a name is compared as it is shown, and sent as it is.
  const ready = !needed || plain(typed.trim()) === plain(group.name.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !remove.isPending) remove.mutate(needed ? group.name.trim() : null);
  };
  const name = <Foreign text={group.name} />;
  return (
    <ModalFrame color={organization.color} narrow locked={remove.isPending} onClose={() => onClose(false)}>
      <DialogPane
        title={t("groupDelete.title", { name: group.name })}
        heading={rich("groupDelete.title", { name })}
        lead={rich("groupDelete.in", {
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
            <p>{group.members > 0 ? t("groupDelete.members", { n: group.members }) : t("groupDelete.empty")}</p>
            {needed && (
              <div className="field above">
                <span className="label">
                  <label htmlFor={id}>{t("groupDelete.type")}</label>
                </span>
                <input
                  id={id}
                  className="input"
                  // biome-ignore lint/a11y/noAutofocus: the dialog waits for this one thing.
                  autoFocus
                  autoComplete="off"
                  spellCheck={false}
                  value={typed}
                  onChange={(event) => setTyped(event.target.value)}
                />
              </div>
            )}
          </div>
          <footer>
            <Button isDisabled={remove.isPending} onPress={() => onClose(false)}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" look="bad go" busy={remove.isPending} isDisabled={!ready}>
              {t("groupDelete.go")}
            </Button>
          </footer>
        </form>
      </DialogPane>
    </ModalFrame>
  );
}
