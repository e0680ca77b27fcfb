// Owns the quiet second look: what is shown comes from memory at once, and is then read again from the server by id.
// Must never storm the server: the cursor must rest before anything is asked.
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import type { AppError } from "../../ipc/bindings";
import { asAppError } from "../../ipc/errors";

/** How long the cursor rests before its row is read again, in milliseconds. */
export const REST = 150;

/** @param asks off while the server would not answer (the session has ended): what is shown stays as it is, without a word. */
export function useReadAgain<T>(queryKey: QueryKey, id: string, read: () => Promise<T>, asks: boolean) {
  const client = useQueryClient();
  const [failed, setFailed] = useState<{ id: string; error: AppError } | null>(null);
  const [round, setRound] = useState(0);
  const question = JSON.stringify(queryKey);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `question` stands for the key and the read bound to it; `round` is a retry.
  useEffect(() => {
    if (!asks) return;
    let current = true;
    const timer = setTimeout(() => {
      read().then(
        (answer) => {
          // Under its own key: an answer that comes late is put where it belongs and shown nowhere else.
          client.setQueryData(queryKey, answer);
          if (current) setFailed(null);
        },
        (refusal: unknown) => {
          if (current) setFailed({ id, error: asAppError(refusal) });
        },
      );
    }, REST);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [question, id, round, client, asks]);

  const retry = useCallback(() => {
    setFailed(null);
    setRound((n) => n + 1);
  }, []);
  return { error: asks && failed !== null && failed.id === id ? failed.error : null, retry };
}
