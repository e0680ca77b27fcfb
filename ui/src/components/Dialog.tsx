// Owns the dialog of all changes: it keeps the focus inside, gives it back, and shows the organization that
// is changed. Must never close by a click beside it: typed or chosen values would be lost.
import { type ReactNode, type RefObject, useEffect, useRef } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";

/** Milliseconds after which a closed dialog has returned the focus. */
export const FOCUS_RESTORE_MS = 60;

export function ModalFrame({
  color,
  narrow = false,
  locked = false,
  onClose,
  children,
}: {
  color: number;
  narrow?: boolean;
  /** While something is being written, Escape does nothing. */
  locked?: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <ModalOverlay
      className="overlay"
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

/** Returns the focus to the dialog when its focused control is removed: WebKit sends no blur event then. */
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
  /** The title with its name isolated from the sentence's text direction; the plain title by default. */
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
