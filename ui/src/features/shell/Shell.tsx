// Owns the layout of everything after the sign-in: organization, search, account, navigation, the page, the
// change under way. Must never outlive its workspace: it is mounted again for each, so that nothing of one is
// left in another.
import { useQuery } from "@tanstack/react-query";
import { memo, useMemo, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { FOCUS_RESTORE_MS } from "../../components/Dialog";
import { ErrorAlert, OpenOrganizationContext } from "../../components/ErrorAlert";
import { GroupsIcon, SettingsIcon, UsersIcon } from "../../components/icons";
import { PrefetchingSearch } from "../../components/PrefetchingSearch";
import { useDelayedCall } from "../../components/useDelayedCall";
import { useDocumentKey } from "../../components/useDocumentKey";
import { useI18n } from "../../i18n";
import type { GroupId, SessionView, UserId } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { Groups } from "../groups/Groups";
import { usePrefetchGroups } from "../groups/useGroupRows";
import { MembershipDialog } from "../plans/MembershipDialog";
import type { MembershipChange } from "../plans/membershipChange";
import { UnfinishedPlans } from "../plans/UnfinishedPlans";
import { useUnfinishedPlans } from "../plans/useUnfinishedPlans";
import { SessionExpiredBanner, SignInDialog, useRestoreFocus, useSignInDialog } from "../session/SignInDialog";
import { Settings } from "../settings/Settings";
import { Users } from "../users/Users";
import { usePrefetchUsers } from "../users/useUserRows";
import { AccountMenu } from "./AccountMenu";
import { ShellContext as ShellProvider } from "./context";
import { NotAdmin } from "./ListPlaceholder";
import { scopeOf, useGroupListState, useUserListState } from "./listState";
import { OrganizationMenu } from "./OrganizationMenu";
import { useSync, useTotals } from "./StatusBar";
import { useAccountActions } from "./useAccountActions";
import { type Page, useRoute } from "./useRoute";

// A letter typed in the search changes none of these.
const Organizations = memo(OrganizationMenu);
const Accounts = memo(AccountMenu);

export function Shell({ view }: { view: Extract<SessionView, { kind: "signedIn" }> }) {
  const { t, format } = useI18n();
  const { workspace, organization } = view;
  const commands = useCommands();
  const [page, go] = useRoute();
  const users = useUserListState();
  const groups = useGroupListState();
  const [change, setChange] = useState<MembershipChange | null>(null);
  const search = useRef<HTMLInputElement>(null);
  const sync = useSync(workspace).data;
  const totals = useTotals(workspace).data;
  const organizations = useQuery({
    queryKey: queryKeys.organizations(workspace),
    queryFn: () => commands.organizations(),
  });

  const accountActions = useAccountActions();
  const unfinished = useUnfinishedPlans(workspace);
  const signInDialog = useSignInDialog(view);

  const prefetchUsers = usePrefetchUsers();
  const prefetchGroups = usePrefetchGroups();
  const { pin: pinUser } = users;
  const { pin: pinGroup } = groups;
  const { expired } = signInDialog;
  const { discard: discardPlan } = unfinished;
  const { open: openSignIn } = signInDialog;
  const open = useMemo(
    () => ({ workspace, signIn: openSignIn, sessionEnded: expired }),
    [workspace, openSignIn, expired],
  );
  const shell = useMemo(
    () => ({
      workspace,
      organization,
      expired,
      openUser: (id: UserId) => {
        pinUser(id);
        go("users");
      },
      openGroup: (id: GroupId) => {
        pinGroup(id);
        go("groups");
      },
      startMembershipChange: setChange,
      discardPlan,
    }),
    [workspace, organization, expired, go, pinUser, pinGroup, discardPlan],
  );

  useDocumentKey((event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("input:not([type=checkbox]), textarea, [role=dialog], [role=menu]")) return;
    if (!search.current) return;
    event.preventDefault();
    search.current.focus();
    search.current.select();
  });

  useRestoreFocus(view.overlay, () => toGrid());
  const toGrid = () => document.querySelector<HTMLElement>("main [role=grid]")?.focus();
  const known = useMemo(() => organizations.data ?? [organization], [organizations.data, organization]);
  const refused =
    page !== "settings" &&
    (totals?.users ?? 0) === 0 &&
    ((sync?.read.kind === "failed" && sync.read.error.code === "notAdmin") ||
      (!organization.admin && sync?.read.kind === "idle"));

  const link = (name: Page, label: string, icon: React.ReactNode, count?: number, end = false) => (
    <a
      href={`#${name}`}
      aria-current={page === name ? "page" : undefined}
      aria-label={label}
      className={end ? "nav-end" : undefined}
    >
      {icon}
      {label}
      {count !== undefined && <b className="tabular-nums" data-drawn={format.number(count)} aria-hidden="true" />}
    </a>
  );

  const later = useDelayedCall(FOCUS_RESTORE_MS);

  return (
    <ShellProvider value={shell}>
      <OpenOrganizationContext value={open}>
        <div className="app" data-org-color={organization.color}>
          <div className="banners">
            {view.demo && (
              <section className="banner" aria-label={t("demo.banner")}>
                <span role="note">{t("demo.banner")}</span>
              </section>
            )}
            {expired && !signInDialog.isOpen && <SessionExpiredBanner view={view} onSignIn={signInDialog.open} />}
          </div>
          <header className="top">
            <Organizations organization={organization} known={known} actions={accountActions} />
            {page === "users" ? (
              <PrefetchingSearch
                key="users"
                ref={search}
                label={t("users.search")}
                value={users.search}
                prefetch={(text) => {
                  const { column: sort, descending } = users.sort;
                  return prefetchUsers({ workspace, scope: scopeOf(text, users.filters), sort, descending });
                }}
                onChange={users.setSearch}
                onMoveToResults={toGrid}
                hotkey="/"
              />
            ) : page === "groups" ? (
              <PrefetchingSearch
                key="groups"
                ref={search}
                label={t("groups.search")}
                value={groups.search}
                prefetch={(text) => {
                  const { column: sort, descending } = groups.sort;
                  return prefetchGroups({ workspace, search: text, sort, descending });
                }}
                onChange={groups.setSearch}
                onMoveToResults={toGrid}
                hotkey="/"
              />
            ) : (
              <span />
            )}
            <Accounts view={view} actions={accountActions} />
          </header>
          {change === null && unfinished.plans.length > 0 && <UnfinishedPlans plans={unfinished.plans} />}
          <nav className="nav" aria-label={t("nav.label")}>
            {link("users", t("nav.users"), <UsersIcon />, totals?.users)}
            {link("groups", t("nav.groups"), <GroupsIcon />, totals?.groups)}
            {link("settings", t("nav.settings"), <SettingsIcon />, undefined, true)}
          </nav>
          {page === "settings" ? (
            <Settings demo={view.demo} />
          ) : refused ? (
            <NotAdmin
              title={t(page === "users" ? "users.title" : "groups.title")}
              name={organization.name}
              others={known
                .filter((one) => one.id !== organization.id && one.admin && !one.private)
                .slice(0, 5)
                .map((one) => ({ id: one.id, name: one.name, go: () => accountActions.openOrganization(one) }))}
            />
          ) : page === "users" ? (
            <Users list={users} />
          ) : (
            <Groups list={groups} />
          )}
          {accountActions.error && (
            <div className="toast">
              <ErrorAlert
                error={accountActions.error}
                action={
                  accountActions.error.code === "accountGone" ? (
                    <Button onPress={accountActions.addAccount}>{t("account.add")}</Button>
                  ) : undefined
                }
                onDismiss={accountActions.dismiss}
              />
            </div>
          )}
          {unfinished.problem && !accountActions.error && (
            <div className="toast">
              <ErrorAlert error={unfinished.problem} onDismiss={unfinished.dismiss} />
            </div>
          )}
          {change && (
            <MembershipDialog
              change={change}
              onClose={() => {
                setChange(null);
                // What began the change may be gone by now (the bar of a cleared selection): then the list
                // gets the focus.
                later(() => {
                  if (document.activeElement === document.body) toGrid();
                });
              }}
            />
          )}
          {view.overlay && signInDialog.isOpen && (
            <SignInDialog
              key={view.overlay.reason}
              view={view}
              overlay={view.overlay}
              onPostpone={signInDialog.postpone}
            />
          )}
        </div>
      </OpenOrganizationContext>
    </ShellProvider>
  );
}
