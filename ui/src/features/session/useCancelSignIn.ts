// Owns cancelling a sign-in under way. Must never guess the next step: the session is queried.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { queryKeys, useCommands } from "../../ipc/client";

export function useCancelSignIn() {
  const commands = useCommands();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => commands.sign_in_cancel(),
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.session }),
  });
}
