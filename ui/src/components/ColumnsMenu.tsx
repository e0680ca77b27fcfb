// Owns the menu of a list's columns: which are shown, and the reset to the default columns.
import { Button as AriaButton } from "react-aria-components/Button";
import { Menu, MenuItem, MenuSection, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { useI18n } from "../i18n";
import type { ColumnChoice } from "../ipc/bindings";
import { type Column, isShown, orderColumns, withShown } from "./columns";
import { ColumnsIcon, TickIcon } from "./icons";

type Props<Row, Name extends string> = {
  columns: readonly Column<Row, Name>[];
  layout: readonly ColumnChoice[];
  onLayout: (layout: ColumnChoice[]) => void;
  /** Width of the grid in pixels, which decides the default columns. */
  width: number;
  /** An icon instead of the word, where there is little space. */
  slim?: boolean;
};

export function ColumnsMenu<Row, Name extends string>({
  columns,
  layout,
  onLayout,
  width,
  slim = false,
}: Props<Row, Name>) {
  const { t } = useI18n();
  const all = orderColumns(columns, layout);
  const shown = all.filter((column) => isShown(column, layout, width)).map((column) => column.name);
  return (
    <MenuTrigger>
      <AriaButton className={slim ? "btn quiet small icon" : "btn quiet"} aria-label={t("columns.menu")}>
        {slim ? <ColumnsIcon /> : t("columns.menu")}
      </AriaButton>
      <Popover className="popover" placement="bottom end">
        <Menu className="menu" aria-label={t("columns.menu")} onAction={(key) => key === "reset" && onLayout([])}>
          <MenuSection
            className="menu-section"
            aria-label={t("columns.shown")}
            selectionMode="multiple"
            selectedKeys={shown}
            disallowEmptySelection
            onSelectionChange={(keys) => {
              if (keys === "all") return;
              const changed = all.find((column) => keys.has(column.name) !== shown.includes(column.name));
              if (changed && !changed.alwaysShown)
                onLayout(withShown(columns, layout, changed.name, keys.has(changed.name)));
            }}
          >
            {all.map((column) => (
              <MenuItem
                key={column.name}
                id={column.name}
                className="menu-item"
                textValue={column.label}
                isDisabled={column.alwaysShown ?? false}
                shouldCloseOnSelect={false}
              >
                {({ isSelected }) => (
                  <>
                    {isSelected ? <TickIcon className="tick" /> : <span className="tick" />}
                    <span>{column.label}</span>
                  </>
                )}
              </MenuItem>
            ))}
          </MenuSection>
          <MenuItem id="reset" className="menu-item" textValue={t("columns.reset")} isDisabled={layout.length === 0}>
            <span className="tick" />
            {t("columns.reset")}
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
