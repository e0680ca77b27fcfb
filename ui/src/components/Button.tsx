// Owns the button of the window. A pending button keeps its focus and its name.
import { Button as AriaButton, type ButtonProps as AriaProps } from "react-aria-components/Button";

type Props = Omit<AriaProps, "className" | "isPending" | "style"> & {
  /** Its appearance; "primary" is the main action of its screen. */
  variant?: "plain" | "primary" | "danger" | "danger primary" | "quiet" | "link";
  small?: boolean;
  className?: string;
  isPending?: boolean;
  /** Shown as a tooltip; for a disabled button, the reason. */
  tooltip?: string | undefined;
};

export function Button({
  variant = "plain",
  small = false,
  className,
  isPending = false,
  tooltip,
  children,
  ...rest
}: Props) {
  const classes = ["btn", variant === "plain" ? "" : variant, small ? "small" : "", className ?? ""]
    .filter(Boolean)
    .join(" ");
  const button = (
    <AriaButton {...rest} isPending={isPending} className={classes}>
      {(state) => (
        <>
          {isPending && <i className="spinner" aria-hidden="true" />}
          {typeof children === "function" ? children(state) : children}
        </>
      )}
    </AriaButton>
  );
  return tooltip ? <span title={tooltip}>{button}</span> : button;
}
