// Owns the refresh of a shown detail: it is shown from memory at once, and then read again from the server by
// id. Must never flood the server: the cursor must rest before anything is requested.
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import type { AppError } from "../../ipc/bindings";
import { asAppError } from "../../ipc/errors";

/** How long the cursor must rest before its row is read again, in milliseconds. */
export const REVALIDATE_DELAY_MS = 150;

/**
 * @param enabled false while the server would not answer (the session has ended): what is shown stays,
 * without a message.
 */
export function useRevalidate<T>(queryKey: QueryKey, id: string, fetchFresh: () => Promise<T>, enabled: boolean) {
  const client = useQueryClient();
  const [failure, setFailure] = useState<{ id: string; error: AppError } | null>(null);
  const [attempt, setAttempt] = useState(0);
  const queryHash = JSON.stringify(queryKey);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `queryHash` is the key, `attempt` retries.
  useEffect(() => {
    if (!enabled) return;
    let current = true;
    const timer = setTimeout(() => {
      fetchFresh().then(
        (answer) => {
          // Under its own key: a late answer is stored where it belongs and shown nowhere else.
          client.setQueryData(queryKey, answer);
          if (current) setFailure(null);
        },
        (refusal: unknown) => {
          if (current) setFailure({ id, error: asAppError(refusal) });
        },
      );
    }, REVALIDATE_DELAY_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [queryHash, id, attempt, client, enabled]);

  const retry = useCallback(() => {
    setFailure(null);
    setAttempt((n) => n + 1);
  }, []);
  return { error: enabled && failure !== null && failure.id === id ? failure.error : null, retry };
}
