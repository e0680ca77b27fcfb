// Owns the first step of a change: the choice of users or groups. Must never write; it ends in a request for
// a plan.

import { useId, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { DialogPane } from "../../components/Dialog";
import { ErrorAlert } from "../../components/ErrorAlert";
import { Foreign } from "../../components/Foreign";
import { PickList, type PickListHandle } from "../../components/PickList";
import { called, Empty } from "../../components/parts";
import { SearchBox } from "../../components/SearchBox";
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
import { NO_FILTERS, scopeOf } from "../shell/lists";
import { useUserRows } from "../users/useUserRows";
import type { Flow } from "./flow";

/** The choice; stored by the flow so that "Back" restores it. */
export type Choice = { users: ReadonlySet<UserId>; groups: ReadonlySet<GroupId> };

export function firstChoice(flow: Flow): Choice {
  const groups = flow.kind === "editGroups" ? flow.user.groups.map((group) => group.id) : [];
  return { users: new Set(), groups: new Set(groups) };
}

function flip<Id>(set: ReadonlySet<Id>, id: Id): ReadonlySet<Id> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}

type Props<F extends Flow["kind"]> = {
  flow: Extract<Flow, { kind: F }>;
  choice: Choice;
  onChoice: (choice: Choice) => void;
  busy: boolean;
  error: AppError | null;
  onReview: (request: MembershipRequest) => void;
  onClose: () => void;
};

function Foot({
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
  const why = useId();
  const tooMany = lines > MAX_PLAN_LINES;
  const said = tooMany
    ? t("plan.tooMany", { lines: format.number(lines), max: format.number(MAX_PLAN_LINES) })
    : lines > 0
      ? `${info} · ${t("plan.lineCount", { n: lines })}`
      : info;
  return (
    <footer>
      <p id={why} className="num" aria-live="polite">
        {said}
      </p>
      <Button onPress={onClose}>{t("common.cancel")}</Button>
      <Button
        look="go"
        busy={busy}
        isDisabled={lines === 0 || tooMany}
        aria-describedby={why}
        hint={tooMany ? said : lines === 0 ? t("plan.chooseFirst") : undefined}
        onPress={onReview}
      >
        {t("plan.review")}
      </Button>
    </footer>
  );
}

export function ChooseMembers({ flow, choice, onChoice, busy, error, onReview, onClose }: Props<"addMembers">) {
  const { t, rich } = useI18n();
  const { organization, workspace } = useShell();
  const [search, setSearch] = useState("");
  const list = useRef<PickListHandle>(null);
  const rows = useUserRows(workspace, scopeOf(search, NO_FILTERS));
  return (
    <DialogPane
      title={t("plan.addMembers")}
      lead={rich("plan.addMembersTo", {
        group: (
          <b>
            <Foreign text={flow.group.name} />
          </b>
        ),
        organization: <Foreign text={organization.name} />,
      })}
    >
      <div className="tools">
        <SearchBox
          label={t("pick.searchUsers")}
          value={search}
          onChange={setSearch}
          onDown={() => list.current?.focus()}
          autoFocus
        />
      </div>
      {error && <ErrorAlert error={error} />}
      {rows.error ? (
        <ErrorAlert error={rows.error} onRetry={rows.retry} />
      ) : (
        <PickList
          ref={list}
          label={t("pick.users")}
          queryHash={rows.queryHash}
          rows={rows}
          isChosen={(user) => choice.users.has(user.id)}
          onToggle={(user) => onChoice({ ...choice, users: flip(choice.users, user.id) })}
          name={called}
          side={(user) => (user.name === "" ? "" : <Foreign text={user.email} />)}
          empty={<Empty title={t("pick.none")} />}
        />
      )}
      <Foot
        info={t("pick.chosen", { n: choice.users.size })}
        lines={choice.users.size}
        busy={busy}
        onReview={() =>
          onReview({ kind: "add", users: { kind: "ids", ids: [...choice.users] }, groups: [flow.group.id] })
        }
        onClose={onClose}
      />
    </DialogPane>
  );
}

function useGroupPicks(choice: Choice, onChoice: (choice: Choice) => void, firstOf: UserId | null = null) {
  const { t, format } = useI18n();
  const { workspace } = useShell();
  const [search, setSearch] = useState("");
  const list = useRef<PickListHandle>(null);
  const rows = useGroupRows(workspace, search, "name", false, firstOf);
  return (
    <>
      <div className="tools">
        <SearchBox
          label={t("pick.searchGroups")}
          value={search}
          onChange={setSearch}
          onDown={() => list.current?.focus()}
          autoFocus
        />
      </div>
      {rows.error ? (
        <ErrorAlert error={rows.error} onRetry={rows.retry} />
      ) : (
        <PickList<GroupRow>
          ref={list}
          label={t("pick.groups")}
          queryHash={rows.queryHash}
          rows={rows}
          isChosen={(group) => choice.groups.has(group.id)}
          onToggle={(group) => onChoice({ ...choice, groups: flip(choice.groups, group.id) })}
          locked={(group) => (group.origin.kind === "azure" ? t("pick.azureLocked") : null)}
          name={(group) => group.name}
          side={(group) => <span className="num">{t("group.memberCount", { n: group.members })}</span>}
          empty={<Empty title={t("pick.noneGroups")} />}
        />
      )}
      <span className="seen-not">{format.number(choice.groups.size)}</span>
    </>
  );
}

export function EditGroups({ flow, choice, onChoice, busy, error, onReview, onClose }: Props<"editGroups">) {
  const { t, rich } = useI18n();
  const { organization } = useShell();
  const { user } = flow;
  const picks = useGroupPicks(choice, onChoice, user.row.id);
  const before = new Set(user.groups.map((group) => group.id));
  const add = [...choice.groups].filter((id) => !before.has(id));
  const remove = [...before].filter((id) => !choice.groups.has(id));
  const name = called(user.row);
  return (
    <DialogPane
      title={t("plan.editGroups", { name })}
      heading={rich("plan.editGroups", { name: <Foreign text={name} /> })}
      lead={rich("plan.editGroupsIn", { organization: <Foreign text={organization.name} /> })}
    >
      {error && <ErrorAlert error={error} />}
      {picks}
      <Foot
        info={t("plan.editChanges", { adds: add.length, removes: remove.length })}
        lines={add.length + remove.length}
        busy={busy}
        onReview={() => onReview({ kind: "edit", user: user.row.id, add, remove })}
        onClose={onClose}
      />
    </DialogPane>
  );
}

export function ChooseGroups({ flow, choice, onChoice, busy, error, onReview, onClose }: Props<"selection">) {
  const { t, rich } = useI18n();
  const { organization } = useShell();
  const picks = useGroupPicks(choice, onChoice);
  return (
    <DialogPane
      title={t(flow.verb === "add" ? "plan.addToGroups" : "plan.removeFromGroups")}
      lead={rich("plan.people", { n: flow.count, organization: <Foreign text={organization.name} /> })}
    >
      {error && <ErrorAlert error={error} />}
      {picks}
      <Foot
        info={t("pick.chosen", { n: choice.groups.size })}
        lines={choice.groups.size * flow.count}
        busy={busy}
        onReview={() => onReview({ kind: flow.verb, users: flow.users, groups: [...choice.groups] })}
        onClose={onClose}
      />
    </DialogPane>
  );
}
