// Owns the chips over the users: what one may filter by, what is filtered now, how many each choice would show.
import { useQueries } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Menu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { CrossIcon, TickIcon } from "../../components/icons";
import { PickList } from "../../components/PickList";
import { Empty } from "../../components/parts";
import { SearchBox } from "../../components/SearchBox";
import { useI18n } from "../../i18n";
import { plain } from "../../i18n/plain";
import type {
  GroupRow,
  PrintSetting,
  Role,
  SettingFilter,
  UserScope,
  UserState,
  WorkspaceId,
} from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";
import { useGroupRows } from "../groups/useGroupRows";
import { type Filters, scopeOf } from "../shell/lists";

const ROLES: readonly Role[] = ["admin", "user", "unknown"];
const STATES: readonly UserState[] = ["active", "pendingInvitation", "printingOnly", "accountOnly"];
const SETTINGS: readonly PrintSetting[] = ["localPrinting", "selfService", "myPrinters"];

type Props = {
  workspace: WorkspaceId;
  search: string;
  filters: Filters;
  onChange: (filters: Filters) => void;
};

export function FilterChips({ workspace, search, filters, onChange }: Props) {
  const { t, format } = useI18n();
  const change = (part: Partial<Filters>) => onChange({ ...filters, ...part });
  const settingName = ({ setting, on }: SettingFilter) =>
    t(on ? "filter.settingOn" : "filter.settingOff", { setting: t(`setting.${setting}`) });
  const names = (list: readonly string[]) => format.list(list.map((name) => plain(name)));

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame of its own.
    <div className="filters" role="group" aria-label={t("filter.label")}>
      <Chip
        idle={t("filter.group")}
        on={
          filters.groups.length > 0
            ? t("filter.groupIs", { names: names(filters.groups.map((group) => group.name)) })
            : null
        }
        onClear={() => change({ groups: [] })}
        trigger={(button) => (
          <DialogTrigger>
            {button}
            <Popover className="pop" placement="bottom start">
              <Dialog className="pop-in" aria-label={t("filter.group")}>
                <GroupChoice
                  workspace={workspace}
                  chosen={filters.groups.map((group) => group.id)}
                  onToggle={({ id, name }) =>
                    change({
                      noGroup: false,
                      groups: filters.groups.some((group) => group.id === id)
                        ? filters.groups.filter((group) => group.id !== id)
                        : [...filters.groups, { id, name }],
                    })
                  }
                />
              </Dialog>
            </Popover>
          </DialogTrigger>
        )}
      />
      <span className={filters.noGroup ? "chip on" : "chip"}>
        <AriaButton
          className="chip-main"
          aria-pressed={filters.noGroup}
          onPress={() => change({ noGroup: !filters.noGroup, groups: [] })}
        >
          {t("filter.noGroup")}
        </AriaButton>
        {filters.noGroup && <Clear name={t("filter.noGroup")} onClear={() => change({ noGroup: false })} />}
      </span>
      <ChoiceChip
        idle={t("filter.role")}
        on={
          filters.roles.length > 0
            ? t("filter.roleIs", { names: names(filters.roles.map((role) => t(`role.${role}`))) })
            : null
        }
        onClear={() => change({ roles: [] })}
        workspace={workspace}
        choices={ROLES.map((role) => ({
          id: role,
          name: t(`role.${role}`),
          scope: scopeOf(search, { ...filters, roles: [role] }),
        }))}
        chosen={filters.roles}
        onChosen={(ids) => change({ roles: ROLES.filter((role) => ids.has(role)) })}
      />
      <ChoiceChip
        idle={t("filter.state")}
        on={
          filters.states.length > 0
            ? t("filter.stateIs", { names: names(filters.states.map((state) => t(`stateFilter.${state}`))) })
            : null
        }
        onClear={() => change({ states: [] })}
        workspace={workspace}
        choices={STATES.map((state) => ({
          id: state,
          name: t(`stateFilter.${state}`),
          scope: scopeOf(search, { ...filters, states: [state] }),
        }))}
        chosen={filters.states}
        onChosen={(ids) => change({ states: STATES.filter((state) => ids.has(state)) })}
      />
      <ChoiceChip
        idle={t("filter.settings")}
        on={
          filters.settings.length > 0
            ? t("filter.settingsIs", { names: names(filters.settings.map(settingName)) })
            : null
        }
        onClear={() => change({ settings: [] })}
        workspace={workspace}
        choices={SETTINGS.flatMap((setting) =>
          [true, false].map((on) => ({
            id: `${setting} ${on}`,
            name: settingName({ setting, on }),
            scope: scopeOf(search, {
              ...filters,
              settings: [...filters.settings.filter((other) => other.setting !== setting), { setting, on }],
            }),
          })),
        )}
        chosen={filters.settings.map(({ setting, on }) => `${setting} ${on}`)}
        onChosen={(ids) => {
          const had = new Set(filters.settings.map(({ setting, on }) => `${setting} ${on}`));
          // "On" and "off" of one setting exclude each other: the one chosen last stays.
          const settings = SETTINGS.flatMap((setting) => {
            const on = ids.has(`${setting} true`);
            const off = ids.has(`${setting} false`);
            if (on && off) return [{ setting, on: !had.has(`${setting} true`) }];
            return on || off ? [{ setting, on }] : [];
          });
          change({ settings });
        }}
      />
    </div>
  );
}

function Clear({ name, onClear }: { name: string; onClear: () => void }) {
  const { t } = useI18n();
  return (
    <AriaButton className="chip-x" aria-label={t("filter.clear", { name })} onPress={onClear}>
      <CrossIcon />
    </AriaButton>
  );
}

function Chip({
  idle,
  on,
  onClear,
  trigger,
}: {
  idle: string;
  on: string | null;
  onClear: () => void;
  trigger: (button: ReactNode) => ReactNode;
}) {
  return (
    <span className={on ? "chip on" : "chip"} title={on ?? undefined}>
      {trigger(<AriaButton className="chip-main">{on ?? idle}</AriaButton>)}
      {on && <Clear name={idle} onClear={onClear} />}
    </span>
  );
}

type Choice = { id: string; name: string; scope: UserScope };

function ChoiceChip({
  idle,
  on,
  onClear,
  workspace,
  choices,
  chosen,
  onChosen,
}: {
  idle: string;
  on: string | null;
  onClear: () => void;
  workspace: WorkspaceId;
  choices: readonly Choice[];
  chosen: readonly string[];
  onChosen: (ids: ReadonlySet<string>) => void;
}) {
  return (
    <Chip
      idle={idle}
      on={on}
      onClear={onClear}
      trigger={(button) => (
        <MenuTrigger>
          {button}
          <Popover className="pop" placement="bottom start">
            <Menu
              className="menu"
              aria-label={idle}
              selectionMode="multiple"
              selectedKeys={chosen}
              onSelectionChange={(keys) => {
                if (keys !== "all") onChosen(new Set([...keys].map(String)));
              }}
            >
              {choices.map((choice) => (
                <MenuItem key={choice.id} id={choice.id} className="menu-item" textValue={choice.name}>
                  {({ isSelected }) => (
                    <>
                      {isSelected ? <TickIcon className="tick" /> : <span className="tick" />}
                      <span>{choice.name}</span>
                      <Count workspace={workspace} scope={choice.scope} />
                    </>
                  )}
                </MenuItem>
              ))}
            </Menu>
          </Popover>
        </MenuTrigger>
      )}
    />
  );
}

/** How many people a choice would show; asked only while the menu is open. */
function Count({ workspace, scope }: { workspace: WorkspaceId; scope: UserScope }) {
  const { format } = useI18n();
  const commands = useCommands();
  const [answer] = useQueries({
    queries: [
      {
        queryKey: keys.directory(workspace, "count", scope),
        queryFn: () =>
          commands.users({ workspace, query: { scope, sort: "name", descending: false, offset: 0, limit: 1 } }),
      },
    ],
  });
  return <span className="side num">{answer?.data ? format.number(answer.data.matched) : ""}</span>;
}

function GroupChoice({
  workspace,
  chosen,
  onToggle,
}: {
  workspace: WorkspaceId;
  chosen: readonly string[];
  onToggle: (group: GroupRow) => void;
}) {
  const { t, format } = useI18n();
  const [search, setSearch] = useState("");
  const rows = useGroupRows(workspace, search);
  return (
    <>
      <SearchBox label={t("filter.groupSearch")} value={search} onChange={setSearch} autoFocus />
      <PickList
        label={t("pick.groups")}
        question={rows.question}
        rows={rows}
        isChosen={(group) => chosen.includes(group.id)}
        onToggle={onToggle}
        name={(group) => group.name}
        side={(group) => <span className="num">{format.number(group.members)}</span>}
        empty={<Empty title={t("pick.noneGroups")} />}
      />
    </>
  );
}
