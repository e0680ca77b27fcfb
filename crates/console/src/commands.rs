// The list of commands. The window's build script includes this file too: it can have no `//!` and no `use`.

/// Calls the macro `$callback` with the list of commands that the window may call, by feature, with their
/// arguments and answers.
///
/// A command calls the method of [`Console`](crate::Console) of the same name, and `in workspace` that of the
/// [`Workspace`](crate::Workspace) that its argument `workspace` names; `async fn` awaits it.
/// `&name: T` passes a reference, `&?name: Option<T>` an `Option` of a reference, `name: T` the value. The
/// method returns the answer or a `Result` of it: for the UI every command can fail. The comment before a
/// command is written to the TypeScript too.
///
/// Made from this list: the handlers (`src-tauri/src/commands.rs`), the window's permissions and capability
/// (`src-tauri/build.rs`), the TypeScript (`bindings.rs`). See docs/decisions/0018-commands.md.
#[macro_export]
macro_rules! commands {
    ($callback:ident) => {
        $callback! {
            session {
                fn session_view() -> SessionView;
                fn session_retry() -> ();
                async fn sign_in(request: SignInRequest) -> ();
                async fn sign_in_open_again() -> ();
                fn sign_in_copy_link() -> ();
                async fn sign_in_cancel() -> ();
                /// Closes a sign-in in front of an open organization.
                async fn sign_in_close() -> ();
                async fn demo_start() -> ();
                async fn sign_out() -> ();
                async fn sign_out_all() -> ();
                async fn keychain_check() -> KeychainState;
                fn accounts() -> Vec<Account>;
                async fn account_choose(&account: AccountId) -> ();
                async fn account_add() -> ();
                /// Signs this account out and removes it.
                async fn account_forget(&account: AccountId) -> ();
            }
            organizations {
                async fn organizations() -> Vec<Organization>;
                async fn organization_choose(&organization: OrganizationId) -> ();
            }
            settings {
                fn installation() -> Installation;
            }
            disk {
                /// Open notices about files and keychain records that could not be read or written.
                fn disk_notices() -> Vec<DiskNotice>;
                fn disk_notice_close(id: u32) -> ();
            }
            sync {
                in workspace fn sync_view() -> SyncView;
                in workspace fn sync_start() -> ();
                in workspace fn sync_cancel() -> ();
                in workspace fn totals() -> Totals;
            }
            users {
                in workspace fn users(&query: UserQuery) -> UserWindow;
                /// The ids of up to 100,000 rows.
                in workspace fn user_ids(&query: UserQuery) -> Vec<UserId>;
                /// Those of up to 100,000 ids that don't match.
                in workspace fn users_not_matching(&scope: UserScope, &ids: Vec<UserId>) -> Vec<UserId>;
                /// The counts beside the filters, and those of these groups, at most 500.
                in workspace fn facets(&scope: UserScope, &groups: Vec<GroupId>) -> Facets;
                in workspace fn user(&id: UserId) -> UserDetail;
                in workspace async fn user_read(&id: UserId) -> UserDetail;
                in workspace fn user_seek(&query: UserSeekQuery) -> Option<Place<UserId>>;
            }
            groups {
                in workspace fn groups(&query: GroupQuery) -> GroupWindow;
                in workspace fn group(&id: GroupId) -> GroupRow;
                in workspace async fn group_read(&id: GroupId) -> GroupRow;
                in workspace fn group_members(&query: MemberQuery) -> UserWindow;
                in workspace fn group_seek(&query: GroupSeekQuery) -> Option<Place<GroupId>>;
                in workspace async fn group_create(&form: GroupForm) -> GroupRow;
                in workspace async fn group_update(&id: GroupId, &edit: GroupEdit) -> GroupSaved;
                in workspace async fn group_delete(&id: GroupId, &?confirmation: Option<String>) -> ();
                /// Whether the typed confirmation looks the same as the shown name.
                fn looks_the_same(&typed: String, &shown: String) -> bool;
            }
            views {
                in workspace fn list_settings() -> ListSettings;
                fn columns_save(list: ListName, columns: Vec<ColumnChoice>) -> ();
                in workspace async fn view_save(&?id: Option<ViewId>, form: ViewForm) -> View;
                in workspace async fn view_delete(&id: ViewId) -> ();
                /// Restores the view deleted last.
                in workspace async fn view_restore(&id: ViewId) -> View;
                in workspace async fn view_choose(&?id: Option<ViewId>) -> ();
            }
            plans {
                /// The unfinished plans.
                in workspace fn plans() -> Vec<PlanSummary>;
                in workspace async fn plan_make(&request: MembershipRequest) -> PlanView;
                in workspace fn plan_lines(
                    &id: PlanId, offset: u32, limit: u32, failed_only: bool
                ) -> PlanWindow;
                in workspace async fn plan_apply(&id: PlanId) -> ();
                in workspace fn plan_pause(&id: PlanId) -> ();
                in workspace fn plan_resume(&id: PlanId) -> ();
                in workspace fn plan_stop(&id: PlanId) -> ();
                in workspace fn plan_progress(&id: PlanId) -> PlanProgress;
                /// Returns the path of the file.
                in workspace fn plan_report(&id: PlanId) -> String;
                in workspace async fn plan_close(&id: PlanId) -> ();
            }
        }
    };
}

macro_rules! names {
    ($($feature:ident { $(
        $(#[$doc:meta])*
        $(in $workspace:ident)?
        $(async fn $awaited:ident)? $(fn $called:ident)? ($($arguments:tt)*) -> $answer:ty;
    )* })*) => {
        &[$($(stringify!($($awaited)? $($called)?),)*)*]
    };
}

/// The names of all commands.
pub const NAMES: &[&str] = commands!(names);
