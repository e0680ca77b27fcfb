// Owns how a step of the sign-in is headed: large on a page of its own, small inside a dialog that has its own heading.
// Must never know which step it heads.
import { createContext, type ReactNode, useContext } from "react";

/** Whether the step stands in a dialog in front of an open organization. */
export const InDialog = createContext(false);

export function StepHead({
  title,
  lead,
  status = false,
}: {
  title: string;
  lead: ReactNode;
  /** Says itself to a screen reader when it appears, under the title's name. */
  status?: boolean;
}) {
  const inDialog = useContext(InDialog);
  return (
    <div {...(status ? { role: "status", "aria-label": title } : {})}>
      {inDialog ? <h3>{title}</h3> : <h1>{title}</h1>}
      <p className="lead">{lead}</p>
    </div>
  );
}
