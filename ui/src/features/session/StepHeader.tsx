// Owns the heading of a sign-in's step: large on a page, small inside a dialog that has its own heading. Must
// never know the step.
import { createContext, type ReactNode, useContext } from "react";

/** Whether the step is in a dialog in front of an open organization. */
export const InDialogContext = createContext(false);

export function StepHeader({
  title,
  lead,
  status = false,
}: {
  title: string;
  lead: ReactNode;
  /** Announced to screen readers when it appears, with the title's name. */
  status?: boolean;
}) {
  const inDialog = useContext(InDialogContext);
  return (
    <div {...(status ? { role: "status", "aria-label": title } : {})}>
      {inDialog ? <h3>{title}</h3> : <h1>{title}</h1>}
      <p className="lead">{lead}</p>
    </div>
  );
}
