// Owns giving up a sign-in that is under way. Must never guess what comes after it: the session is asked.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { keys, useCommands } from "../../ipc/client";

export function useCancel() {
  const commands = useCommands();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => commands.sign_in_cancel(),
    onSettled: () => client.invalidateQueries({ queryKey: keys.session }),
  });
}
