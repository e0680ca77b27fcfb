// Owns the detail of one user: who they are, their groups, their print settings. Must never remove what is
// shown because a refresh failed.

import { useQuery } from "@tanstack/react-query";
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { Avatar, displayName, GroupName, originName, StateDot } from "../../components/parts";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import { sanitizeForDisplay } from "../../i18n/sanitize";
import type { UserId, UserRow } from "../../ipc/bindings";
import { queryKeys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { useShell } from "../shell/context";
import { useRevalidate } from "../shell/useRevalidate";

export function UserDetailPane({ id, row }: { id: UserId; row: UserRow | undefined }) {
  const { t, format } = useI18n();
  const { workspace, expired, openGroup, startMembershipChange } = useShell();
  const commands = useCommands();
  const queryKey = queryKeys.user(workspace, id);
  const query = useQuery({ queryKey, queryFn: () => commands.user({ workspace, id }) });
  const revalidation = useRevalidate(queryKey, id, () => commands.user_read({ workspace, id }), !expired);
  const detail = query.data;
  const shown = detail?.row ?? row;
  const problem = revalidation.error ?? (query.error ? asAppError(query.error) : null);
  const gone = problem?.code === "userGone";

  if (!shown) return problem ? <ErrorAlert error={problem} onRetry={revalidation.retry} /> : null;
  const name = displayName(shown);
  return (
    <section className="detail-content" aria-label={t("user.region", { name })}>
      <div className="detail-header">
        <Avatar name={name} large />
        <div className="grow selectable">
          <h2 title={sanitizeForDisplay(name)}>
            <UntrustedText text={name} />
          </h2>
          {shown.email !== "" && shown.email !== name && (
            <p title={sanitizeForDisplay(shown.email)}>
              <UntrustedText text={shown.email} />
            </p>
          )}
        </div>
      </div>
      <div className="detail-scroll">
        {gone ? (
          <div className="note" role="alert">
            <strong>{t("user.gone")}</strong>
            {t("user.goneLead")}
          </div>
        ) : (
          problem && <ErrorAlert error={problem} onRetry={revalidation.retry} />
        )}
        <section>
          <h3>
            {t("user.groups")}
            <Button
              small
              isDisabled={!detail || gone || shown.state === "accountOnly" || shown.halfRead}
              onPress={() => detail && startMembershipChange({ kind: "editGroups", user: detail })}
            >
              {t("user.editGroups")}
            </Button>
          </h3>
          {detail ? (
            detail.groups.length + detail.unreadGroups > 0 ? (
              <ul aria-label={t("user.groupsOf", { name })}>
                {detail.groups.map((group) => (
                  <li key={group.id}>
                    <Button variant="link" className="truncate" onPress={() => openGroup(group.id)}>
                      <UntrustedText text={group.name} />
                    </Button>
                    {group.origin.kind === "azure" && <span className="tag">{t("origin.azure")}</span>}
                    <small className="tabular-nums">
                      {t("user.groupFacts", {
                        people: t("totals.people", { n: group.members }),
                        printers: t("group.printerCount", { n: group.printers }),
                      })}
                    </small>
                  </li>
                ))}
                {detail.unreadGroups > 0 && (
                  <li className="secondary tabular-nums">{t("user.groupsUnread", { n: detail.unreadGroups })}</li>
                )}
              </ul>
            ) : (
              <p className="secondary">{t(shown.halfRead ? "user.unread" : "user.noGroups")}</p>
            )
          ) : (
            <ul aria-hidden="true">
              {shown.groups.map((group) => (
                <li key={group.id}>
                  <span className="truncate">
                    <GroupName group={group} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </section>
        <section>
          <h3>{t("user.settings")}</h3>
          {shown.settings ? (
            <dl className="facts">
              {(["localPrinting", "selfService", "myPrinters"] as const).map((setting) => (
                <Fact key={setting} name={t(`setting.${setting}`)} on={shown.settings?.[setting] ?? false} />
              ))}
            </dl>
          ) : (
            <p className="secondary">{t(shown.halfRead ? "user.unread" : "user.noSettings")}</p>
          )}
        </section>
        <section>
          <h3>{t("user.identity")}</h3>
          <dl className="facts">
            <dt>{t("users.role")}</dt>
            <dd>{t(`role.${shown.role}`)}</dd>
            <dt>{t("users.state")}</dt>
            <dd>
              <StateDot state={shown.state} long />
            </dd>
            <dt>{t("user.origin")}</dt>
            <dd>
              <UntrustedText text={originName(shown.origin, t)} />
            </dd>
            {detail && detail.joined !== null && (
              <>
                <dt>{t("user.joined")}</dt>
                <dd>{format.day(detail.joined)}</dd>
              </>
            )}
            {detail && detail.verified !== null && (
              <>
                <dt>{t("user.verified")}</dt>
                <dd>{detail.verified ? t("common.yes") : t("common.no")}</dd>
              </>
            )}
            <dt>{t("user.id")}</dt>
            <dd className="mono">{shown.id}</dd>
          </dl>
        </section>
      </div>
    </section>
  );
}

function Fact({ name, on }: { name: string; on: boolean }) {
  const { t } = useI18n();
  return (
    <>
      <dt>{name}</dt>
      <dd className={on ? undefined : "secondary"}>{on ? t("common.on") : t("common.off")}</dd>
    </>
  );
}
