// Owns how answers are cached: the query client, its keys, and which of them an event makes stale. Must never
// show data of one workspace under another: all keys of an organization's data contain its workspace.
import {
  type Query,
  QueryClient,
  QueryClientProvider,
  queryOptions,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect } from "react";
import type { Backend } from "./backend";
import type { AppEvent, Commands, GroupId, PlanId, UserId, WorkspaceId } from "./bindings";

export const queryKeys = {
  session: ["session"] as const,
  accounts: ["accounts"] as const,
  installation: ["installation"] as const,
  notices: ["notices"] as const,
  /** The account in front decides which organizations there are. */
  organizations: (workspace: WorkspaceId) => ["in", workspace, "organizations"] as const,
  sync: (workspace: WorkspaceId) => ["in", workspace, "sync"] as const,
  totals: (workspace: WorkspaceId) => ["in", workspace, "directory", "totals"] as const,
  directory: (workspace: WorkspaceId, ...rest: readonly unknown[]) => ["in", workspace, "directory", ...rest] as const,
  user: (workspace: WorkspaceId, id: UserId) => ["in", workspace, "directory", "user", id] as const,
  group: (workspace: WorkspaceId, id: GroupId) => ["in", workspace, "directory", "group", id] as const,
  /** Whether the typed text looks the same as the shown one. */
  typed: (workspace: WorkspaceId, typed: string, shown: string) => ["in", workspace, "typed", typed, shown] as const,
  lists: (workspace: WorkspaceId) => ["in", workspace, "lists"] as const,
  plans: (workspace: WorkspaceId) => ["in", workspace, "plans"] as const,
  plan: (id: PlanId) => ["plan", id] as const,
};

/**
 * Removes the data of all workspaces except this one, as soon as that one is left (security.md 43). If none
 * is open, only the session stays.
 */
export function removeOtherWorkspaces(client: QueryClient, workspace: WorkspaceId | null): void {
  client.removeQueries({
    predicate: ({ queryKey: [first, second] }) =>
      workspace === null
        ? first !== "session" && first !== "notices"
        : first === "plan" || (first === "in" && second !== workspace),
  });
}

/**
 * A client for one window: answers stay until an event or a change makes them stale, and no query is repeated
 * by itself.
 */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        retry: false,
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 60_000,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

/** Milliseconds for which an answer that came too early is shown before it is queried again. */
const REFETCH_DELAY_MS = 100;

/** Queries in flight that will be repeated: once, however many events come before them. */
const early = new WeakSet<Promise<unknown>>();

/** Marks what an event names as stale; queries on the screen are repeated. */
export function invalidateForEvent(client: QueryClient, event: AppEvent): void {
  const stale = (queryKey: readonly unknown[]) => {
    client.invalidateQueries({ queryKey }).catch(() => undefined);
  };
  const staleInWorkspace = (part: string) => {
    const about = ({ queryKey }: Query) => queryKey[0] === "in" && queryKey[2] === part;
    // A query that was sent before this event returns the state before it: it is repeated after its answer.
    const asked = client.getQueryCache().findAll({ predicate: about, fetchStatus: "fetching" });
    for (const { promise, state, queryKey } of asked) {
      if (promise === undefined || state.data !== undefined || early.has(promise)) continue;
      early.add(promise);
      promise.catch(() => undefined).then(() => setTimeout(() => stale(queryKey), REFETCH_DELAY_MS));
    }
    client.invalidateQueries({ predicate: about }).catch(() => undefined);
  };
  switch (event.kind) {
    case "session":
      stale(queryKeys.session);
      stale(queryKeys.accounts);
      staleInWorkspace("organizations");
      staleInWorkspace("sync");
      return;
    case "notices":
      stale(queryKeys.notices);
      return;
    case "organizations":
      staleInWorkspace("organizations");
      return;
    case "sync":
      staleInWorkspace("sync");
      return;
    case "directory":
      staleInWorkspace("directory");
      return;
    case "plans":
      staleInWorkspace("plans");
      return;
    case "plan":
      stale(queryKeys.plan(event.id));
      return;
  }
}

/** Milliseconds between two refreshes while events keep coming. */
const EVENT_BATCH_MS = 30;

const BackendContext = createContext<Backend | null>(null);

export function BackendProvider({
  backend,
  client,
  children,
}: {
  backend: Backend;
  client: QueryClient;
  children: ReactNode;
}) {
  useEffect(() => {
    // Events come in bursts during a sync: the first is handled at once, those that follow it together.
    const waiting = new Map<string, AppEvent>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = waiting.size > 0 ? setTimeout(flush, EVENT_BATCH_MS) : undefined;
      const burst = [...waiting.values()];
      waiting.clear();
      for (const event of burst) invalidateForEvent(client, event);
    };
    const stop = backend.subscribe((event) => {
      waiting.set(event.kind === "plan" ? `plan ${event.id}` : event.kind, event);
      timer ??= setTimeout(flush, 0);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [backend, client]);
  return (
    <BackendContext value={backend}>
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    </BackendContext>
  );
}

export function useCommands(): Commands {
  const backend = useContext(BackendContext);
  if (!backend) throw new Error("useCommands outside BackendProvider");
  return backend.commands;
}

/** The query for the settings of an organization's lists. */
export const listPreferencesQuery = (commands: Commands, workspace: WorkspaceId) =>
  queryOptions({ queryKey: queryKeys.lists(workspace), queryFn: () => commands.list_settings({ workspace }) });

/**
 * The session. An organization comes together with the settings of its lists, so that its page is drawn once
 * and completely.
 */
export function useSession() {
  const commands = useCommands();
  const client = useQueryClient();
  return useQuery({
    queryKey: queryKeys.session,
    queryFn: async () => {
      const view = await commands.session_view();
      if (view.kind === "signedIn") await client.prefetchQuery(listPreferencesQuery(commands, view.workspace));
      return view;
    },
  });
}
