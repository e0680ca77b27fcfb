// Owns the list of a plan's lines: a window over any number of them. Must never store all of them.

import { useRef } from "react";
import { ErrorAlert } from "../../components/ErrorAlert";
import { EmptyState } from "../../components/parts";
import { UntrustedText } from "../../components/UntrustedText";
import { useRowWindow } from "../../components/useRowWindow";
import { useVirtualRows } from "../../components/useVirtualRows";
import { useI18n } from "../../i18n";
import { sanitizeForDisplay } from "../../i18n/sanitize";
import type { AppError, PlanLine, PlanView } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { useShell } from "../shell/context";
import { describePlanLine } from "./planLineText";

const LINE_HEIGHT = 34;

export function PlanLines({
  plan,
  count,
  results,
  failedOnly = false,
  stopped = null,
}: {
  plan: PlanView;
  count: number;
  results: boolean;
  failedOnly?: boolean;
  /** Why the run was stopped, shown for lines that were not tried. */
  stopped?: AppError | null;
}) {
  const i18n = useI18n();
  const commands = useCommands();
  const { workspace } = useShell();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRowWindow<PlanLine>(
    [...queryKeys.plan(plan.id), "lines", results, failedOnly],
    `${plan.id} ${failedOnly}`,
    async (offset, limit) => {
      const window = await commands.plan_lines({ workspace, id: plan.id, offset, limit, failedOnly });
      return { total: count, matched: count, offset: window.offset, rows: window.lines };
    },
  );
  const virtual = useVirtualRows({
    scroller,
    count,
    rowHeight: LINE_HEIGHT,
    cursor: -1,
    onVisibleRange: rows.setVisibleRange,
  });
  if (rows.error) return <ErrorAlert error={rows.error} onRetry={rows.retry} />;
  if (count === 0) return <EmptyState title={i18n.t(failedOnly ? "plan.noFailures" : "plan.nothing")} />;
  return (
    <div
      ref={scroller}
      className="plan-lines"
      role="list"
      aria-label={i18n.t(results ? "plan.results" : "plan.changes")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard.
      tabIndex={0}
      style={{ height: Math.min(count, 9) * LINE_HEIGHT }}
    >
      <div className="rows-sizer" role="presentation" style={{ height: virtual.size - 1 }}>
        {virtual.items.map(({ index, top }) => {
          const line = rows.rowAt(index);
          if (line === undefined) {
            return (
              <div key={index} className="plan-line" aria-hidden="true" style={{ top }}>
                <span />
                <span className="skeleton" style={{ width: "40%" }} />
              </div>
            );
          }
          const words = describePlanLine(line, plan, results, i18n, stopped);
          return (
            <div
              key={index}
              role="listitem"
              className={`plan-line ${words.tone}`}
              aria-setsize={count}
              aria-posinset={index + 1}
              style={{ top }}
            >
              <b aria-hidden="true">{words.sign}</b>
              <span className="truncate" title={sanitizeForDisplay(words.main)}>
                <span className="visually-hidden">{words.signName}: </span>
                <UntrustedText text={words.main} />
              </span>
              <small className="trailing truncate" title={sanitizeForDisplay(words.side)}>
                <UntrustedText text={words.side} />
              </small>
            </div>
          );
        })}
      </div>
    </div>
  );
}
