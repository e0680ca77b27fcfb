// Owns the chips over the users: the available filters, the active ones, and how many users each choice would
// show.
import { type ReactNode, useCallback, useId, useMemo, useState } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Menu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { CrossIcon, TickIcon } from "../../components/icons";
import { MultiSelectListBox } from "../../components/MultiSelectListBox";
import { EmptyState, originName } from "../../components/parts";
import { SearchBox } from "../../components/SearchBox";
import { UntrustedText } from "../../components/UntrustedText";
import { PAGE_SIZE } from "../../components/useRowWindow";
import { useI18n } from "../../i18n";
import { sanitizeForDisplay } from "../../i18n/sanitize";
import {
  type Counted,
  type GroupId,
  type GroupRow,
  MAX_ROWS,
  type Origin,
  type PrintSetting,
  type Role,
  type SettingFilter,
  type UserScope,
  type UserState,
  type WorkspaceId,
} from "../../ipc/bindings";
import { useGroupRows } from "../groups/useGroupRows";
import { type Filters, scopeOf } from "../shell/listState";
import { useFacets } from "./useFacets";

const ROLES: readonly Role[] = ["admin", "user", "unknown"];
/** The last one is offered while a user has it. */
const STATES: readonly UserState[] = ["active", "pendingInvitation", "printingOnly", "accountOnly", "unsettled"];
const SETTINGS: readonly PrintSetting[] = ["localPrinting", "selfService", "myPrinters"];
/** Always offered; others if a user has them. */
const ORIGINS: readonly Origin[] = [{ kind: "ezeep" }, { kind: "azure" }];
const NO_GROUPS: GroupId[] = [];

const originId = (origin: Origin) => (origin.kind === "other" ? `other ${origin.provider}` : origin.kind);
const settingId = ({ setting, on }: SettingFilter) => `${setting} ${on}`;

/** The counts by the id of the choice; empty until they are known. */
function countsBy<V>(counts: readonly Counted<V>[] | undefined, id: (value: V) => string): ReadonlyMap<string, number> {
  return new Map(counts?.map(({ value, count }) => [id(value), count]));
}

type Props = {
  workspace: WorkspaceId;
  /** The search, after the typing has stopped: the counts come after the rows. */
  search: string;
  filters: Filters;
  onChange: (filters: Filters) => void;
};

export function FilterChips({ workspace, search, filters, onChange }: Props) {
  const { t, format } = useI18n();
  const change = (part: Partial<Filters>) => onChange({ ...filters, ...part });
  const settingName = ({ setting, on }: SettingFilter) =>
    t(on ? "filter.settingOn" : "filter.settingOff", { setting: t(`setting.${setting}`) });
  const names = (list: readonly string[]) => format.list(list.map((name) => sanitizeForDisplay(name)));
  const scope = useMemo(() => scopeOf(search, filters), [search, filters]);
  const facets = useFacets(workspace, scope, NO_GROUPS);
  const origins = facets?.origins.map(({ value }) => value) ?? ORIGINS;
  const gone = filters.origins.filter((origin) => !origins.some((other) => originId(other) === originId(origin)));
  const allOrigins = [...origins, ...gone];
  const byState = countsBy(facets?.states, String);
  const states = STATES.filter(
    (state) => state !== "unsettled" || filters.states.includes(state) || (byState.get(state) ?? 0) > 0,
  );
  const inNoGroup = useId();

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
            <Popover className="popover" placement="bottom start">
              <Dialog className="popover-dialog" aria-label={t("filter.group")}>
                <GroupFilter
                  workspace={workspace}
                  scope={scope}
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
      <span className={filters.noGroup ? "chip active" : "chip"}>
        <AriaButton
          className="chip-label"
          aria-pressed={filters.noGroup}
          aria-label={t("filter.noGroup")}
          aria-describedby={inNoGroup}
          data-count={facets ? format.number(facets.noGroup) : undefined}
          onPress={() => change({ noGroup: !filters.noGroup, groups: [] })}
        >
          {t("filter.noGroup")}
        </AriaButton>
        {/* Drawn by the style sheet inside the button: there, text would have to be part of its name. */}
        <span id={inNoGroup} hidden>
          {facets ? format.number(facets.noGroup) : ""}
        </span>
        {filters.noGroup && <ClearButton name={t("filter.noGroup")} onClear={() => change({ noGroup: false })} />}
      </span>
      <ChoiceChip
        idle={t("filter.role")}
        on={
          filters.roles.length > 0
            ? t("filter.roleIs", { names: names(filters.roles.map((role) => t(`role.${role}`))) })
            : null
        }
        onClear={() => change({ roles: [] })}
        choices={ROLES.map((role) => ({ id: role, name: t(`role.${role}`) }))}
        counts={countsBy(facets?.roles, String)}
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
        choices={states.map((state) => ({ id: state, name: t(`stateFilter.${state}`) }))}
        counts={byState}
        chosen={filters.states}
        onChosen={(ids) => change({ states: states.filter((state) => ids.has(state)) })}
      />
      <ChoiceChip
        idle={t("filter.origin")}
        on={
          filters.origins.length > 0
            ? t("filter.originIs", { names: names(filters.origins.map((origin) => originName(origin, t))) })
            : null
        }
        onClear={() => change({ origins: [] })}
        choices={allOrigins.map((origin) => ({ id: originId(origin), name: originName(origin, t) }))}
        counts={countsBy(facets?.origins, originId)}
        chosen={filters.origins.map(originId)}
        onChosen={(ids) => change({ origins: allOrigins.filter((origin) => ids.has(originId(origin))) })}
      />
      <ChoiceChip
        idle={t("filter.settings")}
        on={
          filters.settings.length > 0
            ? t("filter.settingsIs", { names: names(filters.settings.map(settingName)) })
            : null
        }
        onClear={() => change({ settings: [] })}
        choices={SETTINGS.flatMap((setting) =>
          [true, false].map((on) => ({ id: settingId({ setting, on }), name: settingName({ setting, on }) })),
        )}
        counts={countsBy(facets?.settings, settingId)}
        chosen={filters.settings.map(settingId)}
        onChosen={(ids) => {
          const had = new Set(filters.settings.map(settingId));
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

function ClearButton({ name, onClear }: { name: string; onClear: () => void }) {
  const { t } = useI18n();
  return (
    <AriaButton className="chip-clear" aria-label={t("filter.clear", { name })} onPress={onClear}>
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
    <span className={on ? "chip active" : "chip"} title={on ?? undefined}>
      {trigger(<AriaButton className="chip-label">{on ?? idle}</AriaButton>)}
      {on && <ClearButton name={idle} onClear={onClear} />}
    </span>
  );
}

type Choice = { id: string; name: string };

function ChoiceChip({
  idle,
  on,
  onClear,
  choices,
  counts,
  chosen,
  onChosen,
}: {
  idle: string;
  on: string | null;
  onClear: () => void;
  choices: readonly Choice[];
  counts: ReadonlyMap<string, number>;
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
          <Popover className="popover" placement="bottom start">
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
                      <span className="truncate">
                        <UntrustedText text={choice.name} />
                      </span>
                      <Count of={counts.get(choice.id)} />
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

/** How many users a choice would show. One with 0 is dimmed, and can be chosen all the same. */
function Count({ of }: { of: number | undefined }) {
  const { format } = useI18n();
  return (
    <span className={of === 0 ? "trailing tabular-nums zero" : "trailing tabular-nums"}>
      {of === undefined ? "" : format.number(of)}
    </span>
  );
}

function GroupFilter({
  workspace,
  scope,
  chosen,
  onToggle,
}: {
  workspace: WorkspaceId;
  scope: UserScope;
  chosen: readonly string[];
  onToggle: (group: GroupRow) => void;
}) {
  const { t } = useI18n();
  const [search, setSearch] = useState("");
  const rows = useGroupRows(workspace, search);
  const [[first, last], setShown] = useState<readonly [number, number]>([0, 0]);
  const { setVisibleRange: showRows } = rows;
  const setVisibleRange = useCallback(
    (from: number, to: number) => {
      setShown([from, to]);
      showRows(from, to);
    },
    [showRows],
  );
  // Complete pages, so that a small scroll causes no query.
  const shown: GroupId[] = [];
  for (
    let at = first - (first % PAGE_SIZE);
    at < last - (last % PAGE_SIZE) + PAGE_SIZE && shown.length < MAX_ROWS;
    at += 1
  ) {
    const row = rows.rowAt(at);
    if (row) shown.push(row.id);
  }
  const counts = countsBy(useFacets(workspace, scope, shown)?.groups, String);
  return (
    <>
      <SearchBox label={t("filter.groupSearch")} value={search} onChange={setSearch} autoFocus />
      <MultiSelectListBox
        label={t("pick.groups")}
        queryHash={rows.queryHash}
        rows={{ ...rows, setVisibleRange }}
        isSelected={(group) => chosen.includes(group.id)}
        onToggle={onToggle}
        name={(group) => group.name}
        description={(group) => <Count of={counts.get(group.id)} />}
        empty={<EmptyState title={t("pick.noneGroups")} />}
      />
    </>
  );
}
