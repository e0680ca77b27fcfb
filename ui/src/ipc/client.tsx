// Owns how answers are remembered: the query client, its keys, and which of them an event makes stale.
// Must never show what belongs to one organization under another: every key of an organization's facts begins with its id.
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect } from "react";
import type { Backend, Commands } from "./backend";
import type { AppEvent, GroupId, OrganizationId, PlanId, UserId } from "./bindings";

export const keys = {
  session: ["session"] as const,
  organizations: ["organizations"] as const,
  installation: ["installation"] as const,
  /** Everything one organization's answers are kept under (security.md 43). */
  organization: (organization: OrganizationId) => ["in", organization] as const,
  sync: (organization: OrganizationId) => ["in", organization, "sync"] as const,
  totals: (organization: OrganizationId) => ["in", organization, "directory", "totals"] as const,
  directory: (organization: OrganizationId, ...rest: readonly unknown[]) =>
    ["in", organization, "directory", ...rest] as const,
  user: (organization: OrganizationId, id: UserId) => ["in", organization, "directory", "user", id] as const,
  group: (organization: OrganizationId, id: GroupId) => ["in", organization, "directory", "group", id] as const,
  plan: (id: PlanId) => ["plan", id] as const,
};

/** A client for one window: answers stay until an event or a change says otherwise, and nothing is asked twice by itself. */
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

/** Marks what an event names as stale; what is on the screen is asked again. */
export function applyEvent(client: QueryClient, event: AppEvent): void {
  const stale = (queryKey: readonly unknown[]) => {
    client.invalidateQueries({ queryKey }).catch(() => undefined);
  };
  const staleInOrganization = (part: string) => {
    client
      .invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "in" && queryKey[2] === part })
      .catch(() => undefined);
  };
  switch (event.kind) {
    case "session":
      stale(keys.session);
      stale(keys.organizations);
      staleInOrganization("sync");
      return;
    case "organizations":
      stale(keys.organizations);
      return;
    case "sync":
      staleInOrganization("sync");
      return;
    case "directory":
      staleInOrganization("directory");
      return;
    case "plan":
      stale(keys.plan(event.id));
      return;
  }
}

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
    // Events come in bursts while the directory is read; one refresh for a burst is enough.
    const waiting = new Map<string, AppEvent>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      const burst = [...waiting.values()];
      waiting.clear();
      for (const event of burst) applyEvent(client, event);
    };
    const stop = backend.subscribe((event) => {
      waiting.set(event.kind === "plan" ? `plan ${event.id}` : event.kind, event);
      timer ??= setTimeout(flush, 30);
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

export function useSession() {
  const commands = useCommands();
  return useQuery({ queryKey: keys.session, queryFn: () => commands.session_view() });
}
