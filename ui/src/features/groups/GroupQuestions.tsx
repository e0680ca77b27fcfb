// Owns the questions before a group is saved: which value to keep, and whether a similar name is intended.
// Must never answer by itself: a user answers what Rust asks.

import { type ReactNode, useEffect, useId, useRef } from "react";
import { UntrustedText } from "../../components/UntrustedText";
import { type Key, useI18n } from "../../i18n";
import type { AppError, FieldConflict, GroupField } from "../../ipc/bindings";

export const fieldNames = {
  name: "groupForm.name",
  description: "groupForm.description",
  localPrinting: "groupForm.local",
  myPrinters: "groupForm.my",
} as const satisfies Record<GroupField, Key>;

export type Choice = "theirs" | "mine";

/** A message to read first: announced, and focused whenever `focusKey` changes. */
export function FocusedMessage({ focusKey, children }: { focusKey: unknown; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new question takes the focus.
  useEffect(() => box.current?.focus(), [focusKey]);
  return (
    <div ref={box} className="message-box" tabIndex={-1}>
      {children}
    </div>
  );
}

export function FieldConflicts({
  error,
  conflicts,
  choices,
  missing,
  onChoose,
}: {
  error: AppError;
  conflicts: readonly FieldConflict[];
  choices: ReadonlyMap<GroupField, Choice>;
  /** Saved without an answer to each question. */
  missing: boolean;
  onChoose: (conflict: FieldConflict, choice: Choice) => void;
}) {
  const { t, rich, error: words } = useI18n();
  const ids = useId();
  const { title, next } = words(error);
  return (
    <div className="alert">
      <div role="alert">
        <strong>{title}</strong>
        <span>{next}</span>
      </div>
      {conflicts.map((conflict) => {
        const chosen = choices.get(conflict.field);
        return (
          <div
            key={conflict.field}
            className="conflict"
            role="radiogroup"
            aria-label={t(fieldNames[conflict.field])}
            aria-invalid={(missing && chosen === undefined) || undefined}
            aria-required
          >
            <b>{t(fieldNames[conflict.field])}</b>
            {(["theirs", "mine"] as const).map((choice) => (
              <label key={choice}>
                <input
                  type="radio"
                  className="radio"
                  name={`${ids}-${conflict.field}`}
                  checked={chosen === choice}
                  onChange={() => onChoose(conflict, choice)}
                />
                <span>
                  {rich(`groupForm.${choice}`, {
                    value: <UntrustedText text={conflict[choice] || t("group.noDescription")} />,
                  })}
                </span>
              </label>
            ))}
          </div>
        );
      })}
    </div>
  );
}
