// Owns the first step of a change: the choice of users or groups. Must never write; it ends in a request for
// a plan.

import { useId, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { DialogPane } from "../../components/Dialog";
import { ErrorAlert } from "../../components/ErrorAlert";
import { type ListBoxHandle, MultiSelectListBox } from "../../components/MultiSelectListBox";
import { displayName, EmptyState } from "../../components/parts";
import { SearchBox } from "../../components/SearchBox";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import {
  type AppError,
  type GroupId,
  type GroupRow,
  MAX_PLAN_LINES,
  type MembershipRequest,
  type UserId,
} from "../../ipc/bindings";
import { useGroupRows } from "../groups/useGroupRows";
import { useShell } from "../shell/context";
import { NO_FILTERS, scopeOf } from "../shell/listState";
import { useUserRows } from "../users/useUserRows";
import type { MembershipChange } from "./membershipChange";

/** The picked users and groups; the dialog stores them, so that "Back" restores them. */
export type Picks = { users: ReadonlySet<UserId>; groups: ReadonlySet<GroupId> };

export function initialPicks(change: MembershipChange): Picks {
  const groups = change.kind === "editGroups" ? change.user.groups.map((group) => group.id) : [];
  return { users: new Set(), groups: new Set(groups) };
}

function toggled<Id>(set: ReadonlySet<Id>, id: Id): ReadonlySet<Id> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}

type Props<F extends MembershipChange["kind"]> = {
  change: Extract<MembershipChange, { kind: F }>;
  picks: Picks;
  onPick: (picks: Picks) => void;
  busy: boolean;
  error: AppError | null;
  onReview: (request: MembershipRequest) => void;
  onClose: () => void;
};

function PickerFooter({
  info,
  lines,
  busy,
  onReview,
  onClose,
}: {
  info: string;
  /** Lines of the plan: one for each user and group. */
  lines: number;
  busy: boolean;
  onReview: () => void;
  onClose: () => void;
}) {
  const { t, format } = useI18n();
  const statusId = useId();
  const tooMany = lines > MAX_PLAN_LINES;
  const status = tooMany
    ? t("plan.tooMany", { lines: format.number(lines), max: format.number(MAX_PLAN_LINES) })
    : lines > 0
      ? `${info} · ${t("plan.lineCount", { n: lines })}`
      : info;
  return (
    <footer>
      <p id={statusId} className="tabular-nums" aria-live="polite">
        {status}
      </p>
      <Button onPress={onClose}>{t("common.cancel")}</Button>
      <Button
        variant="primary"
        isPending={busy}
        isDisabled={lines === 0 || tooMany}
        aria-describedby={statusId}
        tooltip={tooMany ? status : lines === 0 ? t("plan.chooseFirst") : undefined}
        onPress={onReview}
      >
        {t("plan.review")}
      </Button>
    </footer>
  );
}

export function MemberPicker({ change, picks, onPick, busy, error, onReview, onClose }: Props<"addMembers">) {
  const { t, rich } = useI18n();
  const { organization, workspace } = useShell();
  const [search, setSearch] = useState("");
  const list = useRef<ListBoxHandle>(null);
  const rows = useUserRows(workspace, scopeOf(search, NO_FILTERS));
  return (
    <DialogPane
      title={t("plan.addMembers")}
      lead={rich("plan.addMembersTo", {
        group: (
          <b>
            <UntrustedText text={change.group.name} />
          </b>
        ),
        organization: <UntrustedText text={organization.name} />,
      })}
    >
      <div className="toolbar">
        <SearchBox
          label={t("pick.searchUsers")}
          value={search}
          onChange={setSearch}
          onMoveToResults={() => list.current?.focus()}
          autoFocus
        />
      </div>
      {error && <ErrorAlert error={error} />}
      {rows.error ? (
        <ErrorAlert error={rows.error} onRetry={rows.retry} />
      ) : (
        <MultiSelectListBox
          ref={list}
          label={t("pick.users")}
          queryHash={rows.queryHash}
          rows={rows}
          isSelected={(user) => picks.users.has(user.id)}
          onToggle={(user) => onPick({ ...picks, users: toggled(picks.users, user.id) })}
          name={displayName}
          description={(user) => (user.name === "" ? "" : <UntrustedText text={user.email} />)}
          empty={<EmptyState title={t("pick.none")} />}
        />
      )}
      <PickerFooter
        info={t("pick.chosen", { n: picks.users.size })}
        lines={picks.users.size}
        busy={busy}
        onReview={() =>
          onReview({ kind: "add", users: { kind: "ids", ids: [...picks.users] }, groups: [change.group.id] })
        }
        onClose={onClose}
      />
    </DialogPane>
  );
}

function GroupPicker({
  picks,
  onPick,
  firstOf = null,
}: {
  picks: Picks;
  onPick: (picks: Picks) => void;
  /** The user whose groups are listed first. */
  firstOf?: UserId | null;
}) {
  const { t } = useI18n();
  const { workspace } = useShell();
  const [search, setSearch] = useState("");
  const list = useRef<ListBoxHandle>(null);
  const rows = useGroupRows(workspace, search, "name", false, firstOf);
  return (
    <>
      <div className="toolbar">
        <SearchBox
          label={t("pick.searchGroups")}
          value={search}
          onChange={setSearch}
          onMoveToResults={() => list.current?.focus()}
          autoFocus
        />
      </div>
      {rows.error ? (
        <ErrorAlert error={rows.error} onRetry={rows.retry} />
      ) : (
        <MultiSelectListBox<GroupRow>
          ref={list}
          label={t("pick.groups")}
          queryHash={rows.queryHash}
          rows={rows}
          isSelected={(group) => picks.groups.has(group.id)}
          onToggle={(group) => onPick({ ...picks, groups: toggled(picks.groups, group.id) })}
          disabledReason={(group) => (group.origin.kind === "azure" ? t("pick.azureLocked") : null)}
          name={(group) => group.name}
          description={(group) => <span className="tabular-nums">{t("group.memberCount", { n: group.members })}</span>}
          empty={<EmptyState title={t("pick.noneGroups")} />}
        />
      )}
    </>
  );
}

export function UserGroupsPicker({ change, picks, onPick, busy, error, onReview, onClose }: Props<"editGroups">) {
  const { t, rich } = useI18n();
  const { organization } = useShell();
  const { user } = change;
  const before = new Set(user.groups.map((group) => group.id));
  const add = [...picks.groups].filter((id) => !before.has(id));
  const remove = [...before].filter((id) => !picks.groups.has(id));
  const name = displayName(user.row);
  return (
    <DialogPane
      title={t("plan.editGroups", { name })}
      heading={rich("plan.editGroups", { name: <UntrustedText text={name} /> })}
      lead={rich("plan.editGroupsIn", { organization: <UntrustedText text={organization.name} /> })}
    >
      {error && <ErrorAlert error={error} />}
      <GroupPicker picks={picks} onPick={onPick} firstOf={user.row.id} />
      <PickerFooter
        info={t("plan.editChanges", { adds: add.length, removes: remove.length })}
        lines={add.length + remove.length}
        busy={busy}
        onReview={() => onReview({ kind: "edit", user: user.row.id, add, remove })}
        onClose={onClose}
      />
    </DialogPane>
  );
}

export function GroupsPicker({ change, picks, onPick, busy, error, onReview, onClose }: Props<"selection">) {
  const { t, rich } = useI18n();
  const { organization } = useShell();
  return (
    <DialogPane
      title={t(change.verb === "add" ? "plan.addToGroups" : "plan.removeFromGroups")}
      lead={rich("plan.people", { n: change.count, organization: <UntrustedText text={organization.name} /> })}
    >
      {error && <ErrorAlert error={error} />}
      <GroupPicker picks={picks} onPick={onPick} />
      <PickerFooter
        info={t("pick.chosen", { n: picks.groups.size })}
        lines={picks.groups.size * change.count}
        busy={busy}
        onReview={() => onReview({ kind: change.verb, users: change.users, groups: [...picks.groups] })}
        onClose={onClose}
      />
    </DialogPane>
  );
}
