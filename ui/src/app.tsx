// Owns which screen the window shows; it follows from the session only. Must never decide the next step of a
// sign-in: Rust does.
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useKeyboardModality } from "./components/useKeyboardModality";
import { DiskNotices } from "./features/disk/DiskNotices";
import { ChooseOrganization } from "./features/organizations/ChooseOrganization";
import { Broken, Starting, Unreachable, Unusable } from "./features/session/Screens";
import { SignInLayout } from "./features/session/SignInLayout";
import { SignInSteps } from "./features/session/SignInSteps";
import { Shell } from "./features/shell/Shell";
import { I18nProvider, languageOf } from "./i18n";
import type { Backend } from "./ipc/backend";
import { BackendProvider, removeOtherWorkspaces, useSession } from "./ipc/client";
import { asAppError } from "./ipc/errors";

function Screen() {
  const session = useSession();
  const client = useQueryClient();
  const view = session.data;
  const here = view?.kind === "signedIn" ? view.workspace : null;

  useEffect(() => removeOtherWorkspaces(client, here), [client, here]);

  if (!view) {
    return session.error ? (
      <Broken error={asAppError(session.error)} onRetry={() => session.refetch()} />
    ) : (
      <Starting />
    );
  }
  switch (view.kind) {
    case "starting":
      return <Starting />;
    case "unusable":
      return <Unusable problem={view.problem} />;
    case "unreachable":
      return <Unreachable problem={view.problem} />;
    case "signIn":
      return (
        <SignInLayout>
          <SignInSteps step={view.step} />
        </SignInLayout>
      );
    case "choosingOrganization":
      return <ChooseOrganization view={view} />;
    case "signedIn":
      return <Shell key={view.workspace} view={view} />;
  }
}

export function App({ backend, client, locale }: { backend: Backend; client: QueryClient; locale: string }) {
  useKeyboardModality();
  useEffect(() => {
    document.documentElement.lang = languageOf(locale);
  }, [locale]);
  return (
    <I18nProvider locale={locale}>
      <BackendProvider backend={backend} client={client}>
        <DiskNotices />
        <Screen />
      </BackendProvider>
    </I18nProvider>
  );
}
