// Owns the columns of users, for the list of users and for the members of a group.
import { useMemo } from "react";
import type { Column } from "../../components/columns";
import { GroupName, originName, SecondaryText, SkeletonText, StateDot, settingsText } from "../../components/parts";
import { UntrustedText } from "../../components/UntrustedText";
import { useI18n } from "../../i18n";
import type { UserColumn, UserRow } from "../../ipc/bindings";

export type UserColumnName = UserColumn | "settings" | "joined" | "id";

export function isSortable(name: UserColumnName): name is UserColumn {
  return name !== "settings" && name !== "joined" && name !== "id";
}

export function useUserColumns(): readonly Column<UserRow, UserColumnName>[] {
  const { t, format } = useI18n();
  return useMemo(
    () => [
      {
        name: "name",
        label: t("users.name"),
        width: { flex: 1.15 },
        minWidth: 110,
        alwaysShown: true,
        cell: (row) =>
          row.name ? (
            <span className="name">
              <UntrustedText text={row.name} />
            </span>
          ) : (
            <span className="secondary">{t("users.nameless")}</span>
          ),
        text: (row) => row.name,
      },
      {
        name: "email",
        label: t("users.email"),
        width: { flex: 1.3 },
        minWidth: 90,
        cell: (row) => <SecondaryText text={row.email} />,
        text: (row) => row.email,
      },
      {
        name: "groups",
        label: t("users.groups"),
        width: { flex: 1.2 },
        minWidth: 90,
        minGridWidth: 640,
        cell: (row) => {
          if (row.halfRead) return <SkeletonText label={t("user.unread")} />;
          // Two fit at the usual width; the rest is a number, and the detail names them all.
          const shown = row.groups.slice(0, row.groupCount > 2 ? 1 : 2);
          const more = row.groupCount - shown.length;
          return (
            <span className="tags">
              {shown.map((group) => (
                <span key={group.id} className="tag">
                  <GroupName group={group} />
                </span>
              ))}
              {more > 0 && <span className="more tabular-nums">{t("users.more", { count: more })}</span>}
            </span>
          );
        },
        text: (row) => {
          const more = row.groupCount - row.groups.length;
          if (row.halfRead) return t("user.unread");
          const unread = row.groups.some((group) => group.name === null);
          if (unread) return t("user.groupsUnread", { n: row.groupCount });
          const names = row.groups.map((group) => group.name).join(", ");
          return more > 0 ? `${names}, +${more}` : names;
        },
      },
      {
        name: "role",
        label: t("users.role"),
        width: 64,
        minWidth: 48,
        minGridWidth: 540,
        cell: (row) => t(`role.${row.role}`),
        text: (row) => t(`role.${row.role}`),
      },
      {
        name: "state",
        label: t("users.state"),
        width: 112,
        minWidth: 64,
        cell: (row) => <StateDot state={row.state} />,
        text: (row) => t(`stateLong.${row.state}`),
      },
      {
        name: "settings",
        label: t("users.settings"),
        width: { flex: 1 },
        minGridWidth: 900,
        sortable: false,
        cell: (row) =>
          row.halfRead ? <SkeletonText label={t("user.unread")} /> : <SecondaryText text={settingsText(row, t)} />,
        text: (row) => (row.halfRead ? t("user.unread") : settingsText(row, t)),
      },
      {
        name: "origin",
        label: t("users.origin"),
        width: 64,
        minWidth: 48,
        minGridWidth: 1000,
        cell: (row) => <UntrustedText text={originName(row.origin, t)} />,
        text: (row) => originName(row.origin, t),
      },
      {
        name: "joined",
        label: t("users.joined"),
        width: 132,
        hiddenByDefault: true,
        sortable: false,
        cell: (row) => (
          <span className="tabular-nums secondary">{row.joined === null ? "" : format.day(row.joined)}</span>
        ),
        text: (row) => (row.joined === null ? "" : format.moment(row.joined)),
      },
      {
        name: "id",
        label: t("users.id"),
        width: { flex: 1 },
        hiddenByDefault: true,
        sortable: false,
        cell: (row) => <SecondaryText mono text={row.id} />,
        text: (row) => row.id,
      },
    ],
    [t, format],
  );
}
