// Owns the organization switcher: the open one, the others, the switch under way. Must never switch by
// itself, nor show the next one's name as if it were open.

import { Button as AriaButton } from "react-aria-components/Button";
import { Menu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { ChevronIcon, TickIcon } from "../../components/icons";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import type { Organization } from "../../ipc/bindings";
import type { AccountActions } from "./useAccountActions";

export function OrganizationMenu({
  organization,
  known,
  actions,
}: {
  organization: Organization;
  known: readonly Organization[];
  actions: AccountActions;
}) {
  const { t, rich } = useI18n();
  const { switchingTo } = actions;
  return (
    <MenuTrigger>
      <AriaButton className="organization-button" aria-label={t("shell.organization", { name: organization.name })}>
        {switchingTo ? <i className="spinner" /> : <i className="swatch" />}
        <span className="truncate">
          {switchingTo ? (
            rich("shell.switching", { name: <UntrustedText text={switchingTo.name} /> })
          ) : (
            <UntrustedText text={organization.name} />
          )}
        </span>
        <ChevronIcon className="chevron" />
      </AriaButton>
      <Popover className="popover" placement="bottom start">
        <Menu
          className="menu"
          aria-label={t("shell.organizations")}
          onAction={(key) => {
            const next = known.find((one) => one.id === key);
            if (next && next.id !== organization.id) actions.openOrganization(next);
          }}
        >
          {known.map((one) => (
            <MenuItem key={one.id} id={one.id} className="menu-item" textValue={one.name}>
              {one.id === organization.id ? <TickIcon className="tick" /> : <span className="tick" />}
              <span className="org-color" data-org-color={one.color}>
                <i className="swatch" />
              </span>
              <span className="truncate">
                <UntrustedText text={one.name} />
              </span>
              <span className="trailing">
                {one.private ? t("choosing.private") : one.admin ? "" : t("choosing.notAdmin")}
              </span>
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
