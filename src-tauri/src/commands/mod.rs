//! The commands: each one line to the console. Owns their list, nothing else.
//! Must never parse, decide or keep anything.

mod directory;
mod groups;
mod plans;
mod session;
mod views;

use tauri::Wry;
use tauri::ipc::Invoke;

/// Every command, for the builder.
pub fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        session::session_view,
        session::session_retry,
        session::sign_in,
        session::sign_in_open_again,
        session::sign_in_copy_link,
        session::sign_in_cancel,
        session::demo_start,
        session::sign_out,
        session::sign_out_all,
        session::sign_in_close,
        session::keychain_check,
        session::accounts,
        session::account_choose,
        session::account_add,
        session::account_forget,
        session::organizations,
        session::organization_choose,
        session::installation,
        session::disk_notices,
        session::disk_notice_close,
        directory::sync_view,
        directory::sync_start,
        directory::sync_cancel,
        directory::totals,
        directory::users,
        directory::user_ids,
        directory::users_not_matching,
        directory::facets,
        directory::user,
        directory::user_read,
        groups::groups,
        groups::group,
        groups::group_read,
        groups::group_members,
        groups::group_create,
        groups::group_update,
        groups::group_delete,
        groups::looks_the_same,
        views::user_seek,
        views::group_seek,
        views::list_looks,
        views::columns_keep,
        views::view_save,
        views::view_delete,
        views::view_restore,
        views::view_choose,
        plans::plans,
        plans::plan_make,
        plans::plan_lines,
        plans::plan_apply,
        plans::plan_pause,
        plans::plan_resume,
        plans::plan_stop,
        plans::plan_retry,
        plans::plan_progress,
        plans::plan_report,
        plans::plan_close,
    ]
}

#[cfg(test)]
mod tests {
    const NAMES: &[&str] = include!("names.rs");

    /// security.md 55: the capability allows our commands by name and nothing else but to listen.
    #[test]
    fn the_capability_allows_exactly_the_commands() {
        let capability: serde_json::Value =
            serde_json::from_str(include_str!("../../capabilities/main.json")).unwrap();
        assert!(capability.get("remote").is_none());
        assert_eq!(capability["windows"], serde_json::json!(["main"]));
        let allowed: Vec<&str> = capability["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p.as_str().unwrap())
            .collect();
        let mut wanted = vec![
            "core:event:allow-listen".to_owned(),
            "core:event:allow-unlisten".to_owned(),
        ];
        wanted.extend(
            NAMES
                .iter()
                .map(|name| format!("allow-{}", name.replace('_', "-"))),
        );
        assert_eq!(allowed, wanted);
    }

    #[test]
    fn the_handler_knows_every_command() {
        let source = include_str!("mod.rs");
        for name in NAMES {
            assert!(
                source.contains(&format!("::{name},")),
                "{name} is not in the handler"
            );
        }
    }
}
