// Owns the frame around everything after the sign-in: organization, search, account, navigation, the page, the change under way.
// Must never outlive its organization: it is made anew for each, so nothing of one is left standing in another.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Header } from "react-aria-components/Header";
import { Menu, MenuItem, MenuSection, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { ErrorAlert } from "../../components/ErrorAlert";
import { ChevronIcon, GroupsIcon, SettingsIcon, TickIcon, UsersIcon } from "../../components/icons";
import { called, Face } from "../../components/parts";
import { SearchBox } from "../../components/SearchBox";
import { useI18n } from "../../i18n";
import type { GroupId, OrganizationId, SessionView, UserId } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { Groups } from "../groups/Groups";
import type { Flow } from "../plans/flow";
import { MembershipDialog } from "../plans/MembershipDialog";
import { Settings } from "../settings/Settings";
import { Users } from "../users/Users";
import { Shell as ShellProvider } from "./context";
import { useSync, useTotals } from "./Foot";
import { NotAdmin } from "./ListState";
import { useGroupList, useUserList } from "./lists";
import { type Page, useRoute } from "./useRoute";

/** Milliseconds until a closed dialog has given the focus back. */
const AFTER_CLOSE = 60;

export function Shell({ view }: { view: Extract<SessionView, { kind: "signedIn" }> }) {
  const { t, format } = useI18n();
  const { organization, person } = view;
  const commands = useCommands();
  const client = useQueryClient();
  const [page, go] = useRoute();
  const users = useUserList();
  const groups = useGroupList();
  const [flow, setFlow] = useState<Flow | null>(null);
  const search = useRef<HTMLInputElement>(null);
  const sync = useSync(organization.id).data;
  const totals = useTotals(organization.id).data;
  const organizations = useQuery({ queryKey: keys.organizations, queryFn: () => commands.organizations() });

  const fresh = () => client.invalidateQueries({ queryKey: keys.session });
  const choose = useMutation({
    mutationFn: (next: OrganizationId) => commands.organization_choose({ organization: next }),
    onSettled: fresh,
  });
  const leave = useMutation({ mutationFn: () => commands.sign_out(), onSettled: fresh });
  const thrown = choose.error ?? leave.error;

  const { pin: pinUser } = users;
  const { pin: pinGroup } = groups;
  const shell = useMemo(
    () => ({
      organization,
      openUser: (id: UserId) => {
        pinUser(id);
        go("users");
      },
      openGroup: (id: GroupId) => {
        pinGroup(id);
        go("groups");
      },
      change: setFlow,
    }),
    [organization, go, pinUser, pinGroup],
  );

  useEffect(() => {
    const keyDown = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest("input:not([type=checkbox]), textarea, [role=dialog], [role=menu]")) return;
      if (!search.current) return;
      event.preventDefault();
      search.current.focus();
      search.current.select();
    };
    document.addEventListener("keydown", keyDown);
    return () => document.removeEventListener("keydown", keyDown);
  }, []);

  const toGrid = () => document.querySelector<HTMLElement>("main [role=grid]")?.focus();
  const known = organizations.data ?? [organization];
  const target = choose.isPending ? known.find((one) => one.id === choose.variables) : undefined;
  const refused =
    page !== "settings" &&
    (totals?.users ?? 0) === 0 &&
    ((sync?.kind === "failed" && sync.error.code === "notAdmin") || (!organization.admin && sync?.kind === "idle"));

  const link = (name: Page, label: string, icon: React.ReactNode, count?: number, end = false) => (
    <a
      href={`#${name}`}
      aria-current={page === name ? "page" : undefined}
      aria-label={label}
      className={end ? "end" : undefined}
    >
      {icon}
      {label}
      {count !== undefined && <b className="num" data-drawn={format.number(count)} aria-hidden="true" />}
    </a>
  );

  const afterClose = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(afterClose.current), []);

  return (
    <ShellProvider value={shell}>
      <div className="app" data-org-color={organization.color}>
        {view.demo && (
          <section className="banner" aria-label={t("demo.banner")}>
            <span role="note">{t("demo.banner")}</span>
          </section>
        )}
        <header className="top">
          <MenuTrigger>
            <AriaButton className="org" aria-label={t("shell.organization", { name: organization.name })}>
              {choose.isPending ? <i className="spin" /> : <i className="swatch" />}
              <span className="cut">
                <bdi>{target ? t("shell.switching", { name: target.name }) : organization.name}</bdi>
              </span>
              <ChevronIcon className="chev" />
            </AriaButton>
            <Popover className="pop" placement="bottom start">
              <Menu
                className="menu"
                aria-label={t("shell.organizations")}
                onAction={(key) => {
                  const next = known.find((one) => one.id === key);
                  if (next && next.id !== organization.id && !choose.isPending) choose.mutate(next.id);
                }}
              >
                {known.map((one) => (
                  <MenuItem key={one.id} id={one.id} className="menu-item" textValue={one.name}>
                    {one.id === organization.id ? <TickIcon className="tick" /> : <span className="tick" />}
                    <span className="holder" data-org-color={one.color}>
                      <i className="swatch" />
                    </span>
                    <span className="cut">
                      <bdi>{one.name}</bdi>
                    </span>
                    <span className="side">
                      {one.private ? t("choosing.private") : one.admin ? "" : t("choosing.notAdmin")}
                    </span>
                  </MenuItem>
                ))}
              </Menu>
            </Popover>
          </MenuTrigger>
          {page === "users" ? (
            <SearchBox
              ref={search}
              label={t("users.search")}
              value={users.search}
              onChange={users.setSearch}
              onDown={toGrid}
              hotkey="/"
            />
          ) : page === "groups" ? (
            <SearchBox
              ref={search}
              label={t("groups.search")}
              value={groups.search}
              onChange={groups.setSearch}
              onDown={toGrid}
              hotkey="/"
            />
          ) : (
            <span />
          )}
          <MenuTrigger>
            <AriaButton className="who" aria-label={t("shell.account", { email: person.email })}>
              <Face name={called(person)} />
              <span className="cut">
                <bdi>{leave.isPending ? t("shell.signingOut") : person.email}</bdi>
              </span>
            </AriaButton>
            <Popover className="pop" placement="bottom end">
              <Menu
                className="menu"
                aria-label={t("shell.account", { email: person.email })}
                onAction={() => {
                  if (!leave.isPending) leave.mutate();
                }}
              >
                <MenuSection>
                  <Header className="menu-head">
                    <b>
                      <bdi>{called(person)}</bdi>
                    </b>
                    {view.storage === "keychain" ? t("shell.storageKeychain") : t("shell.storageMemory")}
                  </Header>
                  <MenuItem id="out" className="menu-item" textValue={t("shell.signOut")}>
                    {t("shell.signOut")}
                  </MenuItem>
                </MenuSection>
              </Menu>
            </Popover>
          </MenuTrigger>
        </header>
        <nav className="nav" aria-label={t("nav.label")}>
          {link("users", t("nav.users"), <UsersIcon />, totals?.users)}
          {link("groups", t("nav.groups"), <GroupsIcon />, totals?.groups)}
          {link("settings", t("nav.settings"), <SettingsIcon />, undefined, true)}
        </nav>
        {page === "settings" ? (
          <Settings />
        ) : refused ? (
          <NotAdmin
            title={t(page === "users" ? "users.title" : "groups.title")}
            name={organization.name}
            others={known
              .filter((one) => one.id !== organization.id && one.admin && !one.private)
              .slice(0, 5)
              .map((one) => ({ id: one.id, name: one.name, go: () => choose.mutate(one.id) }))}
          />
        ) : page === "users" ? (
          <Users list={users} />
        ) : (
          <Groups list={groups} />
        )}
        {thrown && (
          <div className="toast">
            <ErrorAlert
              error={asAppError(thrown)}
              onDismiss={() => {
                choose.reset();
                leave.reset();
              }}
            />
          </div>
        )}
        {flow && (
          <MembershipDialog
            flow={flow}
            onClose={() => {
              setFlow(null);
              // What began the change may be gone by now (the bar of a selection that was let go): then the list has the focus.
              clearTimeout(afterClose.current);
              afterClose.current = setTimeout(() => {
                if (document.activeElement === document.body) toGrid();
              }, AFTER_CLOSE);
            }}
          />
        )}
      </div>
    </ShellProvider>
  );
}
