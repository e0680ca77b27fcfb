// Owns the detail of one user: who they are, their groups, their print settings. Must never remove what is
// shown because a refresh failed.

import { useQuery } from "@tanstack/react-query";
import { Button } from "../../components/Button";
import { ErrorAlert } from "../../components/ErrorAlert";
import { Foreign } from "../../components/Foreign";
import { called, Face, GroupName, originName, StateDot } from "../../components/parts";
import { useI18n } from "../../i18n";
import { plain } from "../../i18n/plain";
import type { UserId, UserRow } from "../../ipc/bindings";
import { keys, useCommands } from "../../ipc/client";
import { asAppError } from "../../ipc/errors";
import { useShell } from "../shell/context";
import { useRevalidate } from "../shell/useRevalidate";

export function UserDetailPane({ id, row }: { id: UserId; row: UserRow | undefined }) {
  const { t, format } = useI18n();
  const { workspace, expired, openGroup, change } = useShell();
  const commands = useCommands();
  const queryKey = keys.user(workspace, id);
  const query = useQuery({ queryKey, queryFn: () => commands.user({ workspace, id }) });
  const revalidation = useRevalidate(queryKey, id, () => commands.user_read({ workspace, id }), !expired);
  const detail = query.data;
  const shown = detail?.row ?? row;
  const problem = revalidation.error ?? (query.error ? asAppError(query.error) : null);
  const gone = problem?.code === "userGone";

  if (!shown) return problem ? <ErrorAlert error={problem} onRetry={revalidation.retry} /> : null;
  const name = called(shown);
  return (
    <section className="detail-in" aria-label={t("user.region", { name })}>
      <div className="id">
        <Face name={name} large />
        <div className="grow text">
          <h2 title={plain(name)}>
            <Foreign text={name} />
          </h2>
          {shown.email !== "" && shown.email !== name && (
            <p title={plain(shown.email)}>
              <Foreign text={shown.email} />
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
              onPress={() => detail && change({ kind: "editGroups", user: detail })}
            >
              {t("user.editGroups")}
            </Button>
          </h3>
          {detail ? (
            detail.groups.length + detail.unreadGroups > 0 ? (
              <ul aria-label={t("user.groupsOf", { name })}>
                {detail.groups.map((group) => (
                  <li key={group.id}>
                    <Button look="link" className="cut" onPress={() => openGroup(group.id)}>
                      <Foreign text={group.name} />
                    </Button>
                    {group.origin.kind === "azure" && <span className="tag">{t("origin.azure")}</span>}
                    <small className="num">
                      {t("user.groupFacts", {
                        people: t("totals.people", { n: group.members }),
                        printers: t("group.printerCount", { n: group.printers }),
                      })}
                    </small>
                  </li>
                ))}
                {detail.unreadGroups > 0 && (
                  <li className="dim num">{t("user.groupsUnread", { n: detail.unreadGroups })}</li>
                )}
              </ul>
            ) : (
              <p className="dim">{t(shown.halfRead ? "user.unread" : "user.noGroups")}</p>
            )
          ) : (
            <ul aria-hidden="true">
              {shown.groups.map((group) => (
                <li key={group.id}>
                  <span className="cut">
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
            <p className="dim">{t(shown.halfRead ? "user.unread" : "user.noSettings")}</p>
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
              <Foreign text={originName(shown.origin, t)} />
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
      <dd className={on ? undefined : "dim"}>{on ? t("common.on") : t("common.off")}</dd>
    </>
  );
}
