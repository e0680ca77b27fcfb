// Owns the menu of saved views: the shown one, whether it was changed, and its actions.
import { Button as AriaButton } from "react-aria-components/Button";
import { Menu, MenuItem, MenuSection, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { ChevronIcon, TickIcon } from "../../components/icons";
import { UntrustedText } from "../../components/UntrustedText";
import { useDocumentKey } from "../../components/useDocumentKey";
import { useI18n } from "../../i18n";
import type { SavedViews } from "./useSavedViews";

/** Keys that choose a view: Alt with 0 for all users, 1 to 9 for the first saved ones. */
const KEYS = 9;

/** Chooses views by these keys. On the page and not in the menu, which is drawn after the rows. */
export function useViewShortcuts(views: SavedViews) {
  useDocumentKey((event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1] ?? (/^[0-9]$/.test(event.key) ? event.key : null);
    if (digit === null) return;
    if (event.target instanceof Element && event.target.closest("[role=dialog], [role=menu]")) return;
    const view = digit === "0" ? null : views.views[Number(digit) - 1];
    if (view === undefined) return;
    event.preventDefault();
    views.choose(view);
  });
}

export function ViewsMenu({ views }: { views: SavedViews }) {
  const { t } = useI18n();
  const { current, changed } = views;
  const name = current ? current.form.name : t("views.all");
  const label = changed ? t("views.labelChanged", { name }) : t("views.label", { name });

  const act = (key: string) => {
    if (key === "all") views.choose(null);
    else if (key === "save") views.askName("new");
    else if (key === "rename") views.askName("rename");
    else if (key === "update") views.update();
    else if (key === "delete") views.remove();
    else {
      const view = views.views.find((one) => `view ${one.id}` === key);
      if (view) views.choose(view);
    }
  };
  const key = (number: number) => <kbd aria-hidden="true">{t("views.key", { number: String(number) })}</kbd>;

  return (
    <MenuTrigger>
      <AriaButton className="btn quiet views" aria-label={label}>
        <span className="truncate">
          <UntrustedText text={name} />
        </span>
        {changed && <i className="changed" aria-hidden="true" title={t("views.changed")} />}
        <ChevronIcon className="chevron" />
      </AriaButton>
      <Popover className="popover" placement="bottom end">
        <Menu className="menu" aria-label={t("views.menu")} onAction={(chosen) => act(String(chosen))}>
          <MenuSection
            className="menu-section"
            aria-label={t("views.menu")}
            selectionMode="single"
            selectedKeys={[current ? `view ${current.id}` : "all"]}
          >
            <MenuItem id="all" className="menu-item" textValue={t("views.all")}>
              {current ? <span className="tick" /> : <TickIcon className="tick" />}
              <span className="truncate">{t("views.all")}</span>
              <span className="trailing">{key(0)}</span>
            </MenuItem>
            {views.views.map((view, index) => (
              <MenuItem
                key={view.id}
                id={`view ${view.id}`}
                className="menu-item"
                textValue={view.form.name}
                aria-label={view.form.name}
              >
                {view.id === current?.id ? <TickIcon className="tick" /> : <span className="tick" />}
                <span className="truncate">
                  <UntrustedText text={view.form.name} />
                </span>
                {index < KEYS && <span className="trailing">{key(index + 1)}</span>}
              </MenuItem>
            ))}
          </MenuSection>
          <MenuItem id="save" className="menu-item">
            <span className="tick" />
            {t("views.save")}
          </MenuItem>
          {current && (
            <>
              <MenuItem id="update" className="menu-item" isDisabled={!changed}>
                <span className="tick" />
                {t("views.update")}
              </MenuItem>
              <MenuItem id="rename" className="menu-item">
                <span className="tick" />
                {t("views.rename")}
              </MenuItem>
              <MenuItem id="delete" className="menu-item">
                <span className="tick" />
                {t("views.delete")}
              </MenuItem>
            </>
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
