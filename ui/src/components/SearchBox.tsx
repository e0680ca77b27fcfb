// Owns a search field: its icon, its key, its button to clear it.
import type { KeyboardEvent, Ref } from "react";
import { useI18n } from "../i18n";
import { Button } from "./Button";
import { CrossIcon, SearchIcon } from "./icons";

export function SearchBox({
  label,
  value,
  onChange,
  onMoveToResults,
  hotkey,
  ref,
  autoFocus = false,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Called for Arrow down and Enter: moves to the results. */
  onMoveToResults?: () => void;
  hotkey?: string;
  ref?: Ref<HTMLInputElement>;
  autoFocus?: boolean;
}) {
  const { t } = useI18n();
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && value !== "") {
      // The first Escape clears the field; only the next one may close a dialog around it.
      event.preventDefault();
      event.stopPropagation();
      event.nativeEvent.stopImmediatePropagation();
      onChange("");
    } else if ((event.key === "ArrowDown" || event.key === "Enter") && onMoveToResults) {
      event.preventDefault();
      onMoveToResults();
    }
  };
  return (
    <div className="search">
      <SearchIcon />
      <input
        ref={ref}
        // biome-ignore lint/a11y/noAutofocus: a dialog with a search begins with it.
        autoFocus={autoFocus}
        className="input"
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        maxLength={200}
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={keyDown}
      />
      {value !== "" ? (
        <Button
          variant="quiet"
          small
          className="icon"
          aria-label={t("common.clearSearch")}
          onPress={() => onChange("")}
        >
          <CrossIcon />
        </Button>
      ) : (
        hotkey && <kbd aria-hidden="true">{hotkey}</kbd>
      )}
    </div>
  );
}
