// Owns the list of keyboard shortcuts, opened by "?" outside of text fields.
import { useState } from "react";
import { type Key, useI18n } from "../i18n";
import { Button } from "./Button";
import { DialogPane, ModalFrame } from "./Dialog";
import { useDocumentKey } from "./useDocumentKey";

const MAC = /mac/i.test(globalThis.navigator?.platform ?? "");

export function KeyboardShortcuts({ color, selectable = true }: { color: number; selectable?: boolean }) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  useDocumentKey((event) => {
    if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("input:not([type=checkbox]), textarea, [role=dialog], [role=menu]")) return;
    event.preventDefault();
    setOpen(true);
  });
  if (!open) return null;
  const control = MAC ? "⌘" : t("keys.control");
  const shift = t("keys.shift");
  const space = t("keys.space");
  const parts: [Key, [readonly (readonly string[])[], Key][]][] = [
    [
      "keys.partMove",
      [
        [[["↑"], ["↓"], ["k"], ["j"]], "keys.doMove"],
        [[[t("keys.pageUp")], [t("keys.pageDown")]], "keys.doPage"],
        [[[t("keys.home")], [t("keys.end")]], "keys.doEnds"],
        [[["A … Z"]], "keys.doType"],
        [[[t("keys.enter")]], "keys.doOpen"],
      ],
    ],
    ...(selectable
      ? ([
          [
            "keys.partSelect",
            [
              [[[space], ["x"]], "keys.doTick"],
              [
                [
                  [shift, "↑ ↓"],
                  [shift, space],
                ],
                "keys.doExtend",
              ],
              [[[control, "A"]], "keys.doAll"],
              [[[control, shift, "A"]], "keys.doInvert"],
              [[[t("keys.escape")]], "keys.doNone"],
            ],
          ],
        ] as [Key, [readonly (readonly string[])[], Key][]][])
      : []),
    [
      "keys.partList",
      [
        [[["/"]], "keys.doSearch"],
        ...(selectable
          ? ([
              [
                [
                  ["Alt", "0"],
                  ["Alt", "1 … 9"],
                ],
                "keys.doView",
              ],
            ] as [string[][], Key][])
          : []),
        [[["↑"]], "keys.doHead"],
        [[["Alt", "↓"]], "keys.doColumn"],
        [[["?"]], "keys.doHelp"],
      ],
    ],
  ];
  return (
    <ModalFrame color={color} onClose={() => setOpen(false)}>
      <DialogPane title={t("keys.title")}>
        <div className="body shortcuts-list">
          {parts.map(([title, lines]) => (
            <section key={title}>
              <h3>{t(title as "keys.title")}</h3>
              <dl>
                {lines.map(([keys, what]) => (
                  <div key={what}>
                    <dt>
                      {keys.map((one) => (
                        <span key={one.join("+")}>
                          {one.map((key) => (
                            <kbd key={key}>{key}</kbd>
                          ))}
                        </span>
                      ))}
                    </dt>
                    <dd>{t(what as "keys.title")}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
        <footer>
          <Button variant="primary" autoFocus onPress={() => setOpen(false)}>
            {t("common.close")}
          </Button>
        </footer>
      </DialogPane>
    </ModalFrame>
  );
}
