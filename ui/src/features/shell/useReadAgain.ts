// Owns the refresh of a shown detail: it is shown from memory at once, and then read again from the server by
// id. Must never flood the server: the cursor must rest before anything is requested.
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import type { AppError } from "../../ipc/bindings";
import { asAppError } from "../../ipc/errors";

/** How long the cursor must rest before its row is read again, in milliseconds. */
export const REST = 150;

/**
 * @param asks false while the server would not answer (the session has ended): what is shown stays, without a
 * message.
 */
export function useReadAgain<T>(queryKey: QueryKey, id: string, read: () => Promise<T>, asks: boolean) {
  const client = useQueryClient();
  const [failed, setFailed] = useState<{ id: string; error: AppError } | null>(null);
  const [round, setRound] = useState(0);
  const question = JSON.stringify(queryKey);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `question` stands for the key; `round` retries.
  useEffect(() => {
    if (!asks) return;
    let current = true;
    const timer = setTimeout(() => {
      read().then(
        (answer) => {
          // Under its own key: a late answer is stored where it belongs and shown nowhere else.
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
