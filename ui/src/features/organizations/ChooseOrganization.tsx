// Owns the choice of an organization after the sign-in, and the message for a user who can't manage any.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { displayName } from "../../components/parts";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import { sanitizeForDisplay } from "../../i18n/sanitize";
import type { Organization, OrganizationId, SessionView } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { SignInLayout } from "../session/SignInLayout";

export function ChooseOrganization({ view }: { view: Extract<SessionView, { kind: "choosingOrganization" }> }) {
  const { t, rich } = useI18n();
  const commands = useCommands();
  const client = useQueryClient();
  const fresh = () => client.invalidateQueries({ queryKey: queryKeys.session });
  const choose = useMutation({
    mutationFn: (organization: OrganizationId) => commands.organization_choose({ organization }),
    onSettled: fresh,
  });
  const signOut = useMutation({ mutationFn: () => commands.sign_out(), onSettled: fresh });
  const real = view.organizations.filter((organization) => !organization.private);
  const person = <UntrustedText text={view.person.email || displayName(view.person)} />;
  const thrown = choose.error ?? signOut.error;
  // The page itself says "no organization".
  const problem = thrown ? asAppError(thrown) : view.problem?.code === "noOrganization" ? null : view.problem;
  const kind = (organization: Organization) =>
    t(organization.private ? "choosing.private" : organization.admin ? "choosing.admin" : "choosing.notAdmin");
  return (
    <SignInLayout>
      {real.length > 0 ? (
        <>
          <h1>{t("choosing.title")}</h1>
          <p className="lead">{rich("choosing.lead", { person })}</p>
        </>
      ) : (
        <div role="alert">
          <h1>{t("choosing.noneTitle")}</h1>
          <p className="lead">{rich("choosing.noneLead", { person })}</p>
        </div>
      )}
      {problem && <ErrorAlert error={problem} showNextStep={false} />}
      <ul className="organization-list" aria-label={t("choosing.list")}>
        {view.organizations.map((organization) => (
          <li key={organization.id} data-org-color={organization.color}>
            <Button
              className="organization-option"
              aria-label={sanitizeForDisplay(organization.name)}
              isPending={choose.isPending && choose.variables === organization.id}
              onPress={() => {
                if (!choose.isPending) choose.mutate(organization.id);
              }}
            >
              <i className="swatch" />
              <UntrustedText text={organization.name} />
              <span className="trailing" data-drawn={kind(organization)} aria-hidden="true" />
            </Button>
            <span className="visually-hidden">{kind(organization)}</span>
          </li>
        ))}
      </ul>
      <Button variant="quiet" isPending={signOut.isPending} onPress={() => signOut.mutate()}>
        {t("choosing.signOut")}
      </Button>
    </SignInLayout>
  );
}
