// Owns the floating window of every change: it keeps the focus inside, gives it back, and shows whose organization it writes to.
// Must never close by a click beside it: what was typed or chosen would be lost.
import { type ReactNode, type RefObject, useEffect, useRef } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";

/** Milliseconds until a closed dialog has given the focus back by itself. */
export const AFTER_CLOSE = 60;

export function ModalFrame({
  color,
  narrow = false,
  locked = false,
  onClose,
  children,
}: {
  color: number;
  narrow?: boolean;
  /** While something is being written Escape does nothing. */
  locked?: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <ModalOverlay
      className="veil"
      data-org-color={color}
      isOpen
      isDismissable={false}
      isKeyboardDismissDisabled={locked}
      onOpenChange={(open) => {
        if (!open && !locked) onClose();
      }}
    >
      <Modal className={narrow ? "modal narrow" : "modal"}>{children}</Modal>
    </ModalOverlay>
  );
}

/** Brings the focus back where the control that had it is removed: WebKit tells of no blur then. */
function useFocusInside(dialog: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const pane = dialog.current;
    if (!pane) return;
    const observer = new MutationObserver(() => {
      if (document.activeElement === document.body && !pane.closest("[inert], [aria-hidden=true]")) pane.focus();
    });
    observer.observe(pane, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [dialog]);
}

export function DialogPane({
  title,
  heading,
  lead,
  children,
}: {
  title: string;
  /** The title with its name set apart from the sentence's direction; the plain title otherwise. */
  heading?: ReactNode;
  lead?: ReactNode;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLElement>(null);
  useFocusInside(dialog);
  return (
    <AriaDialog ref={dialog} className="dialog" aria-label={title}>
      <header>
        <h2>{heading ?? title}</h2>
        {lead && <p>{lead}</p>}
      </header>
      {children}
    </AriaDialog>
  );
}
