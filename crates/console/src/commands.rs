// The list of commands. The window's build script includes this file too: it can have no `//!` and no `use`.

/// Calls the macro `$callback` with the list of commands that the window may call, by feature, with their
/// arguments and answers.
///
/// A command calls the method of [`Console`](crate::Console) of the same name; `async fn` awaits it.
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
                fn sync_view() -> SyncView;
                fn sync_start() -> ();
                fn sync_cancel() -> ();
                fn totals(&workspace: WorkspaceId) -> Totals;
            }
            users {
                fn users(&workspace: WorkspaceId, &query: UserQuery) -> UserWindow;
                /// The ids of up to 100,000 rows.
                fn user_ids(&workspace: WorkspaceId, &query: UserQuery) -> Vec<UserId>;
                /// Those of up to 100,000 ids that don't match.
                fn users_not_matching(
                    &workspace: WorkspaceId, &scope: UserScope, &ids: Vec<UserId>
                ) -> Vec<UserId>;
                /// The counts beside the filters, and those of these groups, at most 500.
                fn facets(&workspace: WorkspaceId, &scope: UserScope, &groups: Vec<GroupId>) -> Facets;
                fn user(&workspace: WorkspaceId, &id: UserId) -> UserDetail;
                async fn user_read(&workspace: WorkspaceId, &id: UserId) -> UserDetail;
                fn user_seek(&workspace: WorkspaceId, &query: UserSeekQuery) -> Option<Place<UserId>>;
            }
            groups {
                fn groups(&workspace: WorkspaceId, &query: GroupQuery) -> GroupWindow;
                fn group(&workspace: WorkspaceId, &id: GroupId) -> GroupRow;
                async fn group_read(&workspace: WorkspaceId, &id: GroupId) -> GroupRow;
                fn group_members(&workspace: WorkspaceId, &query: MemberQuery) -> UserWindow;
                fn group_seek(&workspace: WorkspaceId, &query: GroupSeekQuery) -> Option<Place<GroupId>>;
                async fn group_create(&workspace: WorkspaceId, &form: GroupForm) -> GroupRow;
                async fn group_update(&workspace: WorkspaceId, &id: GroupId, &edit: GroupEdit) -> GroupSaved;
                async fn group_delete(
                    &workspace: WorkspaceId, &id: GroupId, &?confirmation: Option<String>
                ) -> ();
                /// Whether the typed confirmation looks the same as the shown name.
                fn looks_the_same(&typed: String, &shown: String) -> bool;
            }
            views {
                fn list_looks(&workspace: WorkspaceId) -> ListLooks;
                fn columns_keep(list: ListName, columns: Vec<ColumnChoice>) -> ();
                async fn view_save(&workspace: WorkspaceId, &?id: Option<ViewId>, form: ViewForm) -> View;
                async fn view_delete(&workspace: WorkspaceId, &id: ViewId) -> ();
                /// Restores the view deleted last.
                async fn view_restore(&workspace: WorkspaceId, &id: ViewId) -> View;
                async fn view_choose(&workspace: WorkspaceId, &?id: Option<ViewId>) -> ();
            }
            plans {
                /// The unfinished plans.
                fn plans(&workspace: WorkspaceId) -> Vec<PlanSummary>;
                async fn plan_make(&workspace: WorkspaceId, &request: MembershipRequest) -> PlanView;
                fn plan_lines(&id: PlanId, offset: u32, limit: u32, failed_only: bool) -> PlanWindow;
                fn plan_apply(&id: PlanId) -> ();
                fn plan_pause(&id: PlanId) -> ();
                fn plan_resume(&id: PlanId) -> ();
                fn plan_stop(&id: PlanId) -> ();
                fn plan_retry(&id: PlanId) -> ();
                fn plan_progress(&id: PlanId) -> PlanProgress;
                /// Returns the path of the file.
                fn plan_report(&id: PlanId) -> String;
                fn plan_close(&id: PlanId) -> ();
            }
        }
    };
}

macro_rules! names {
    ($($feature:ident { $(
        $(#[$doc:meta])*
        $(async fn $awaited:ident)? $(fn $called:ident)? ($($arguments:tt)*) -> $answer:ty;
    )* })*) => {
        &[$($(stringify!($($awaited)? $($called)?),)*)*]
    };
}

/// The names of all commands.
pub const NAMES: &[&str] = commands!(names);
