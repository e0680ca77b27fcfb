// Owns the button of the window. A pending button keeps its focus and its name.
import { Button as AriaButton, type ButtonProps as AriaProps } from "react-aria-components/Button";

type Props = Omit<AriaProps, "className" | "isPending" | "style"> & {
  /** Its appearance; "go" is the primary action of its screen. */
  look?: "plain" | "go" | "bad" | "bad go" | "quiet" | "link";
  small?: boolean;
  className?: string;
  busy?: boolean;
  /** Shown as a tooltip; for a disabled button, the reason. */
  hint?: string | undefined;
};

export function Button({ look = "plain", small = false, className, busy = false, hint, children, ...rest }: Props) {
  const classes = ["btn", look === "plain" ? "" : look, small ? "small" : "", className ?? ""]
    .filter(Boolean)
    .join(" ");
  const button = (
    <AriaButton {...rest} isPending={busy} className={classes}>
      {(state) => (
        <>
          {busy && <i className="spin" aria-hidden="true" />}
          {typeof children === "function" ? children(state) : children}
        </>
      )}
    </AriaButton>
  );
  return hint ? <span title={hint}>{button}</span> : button;
}
