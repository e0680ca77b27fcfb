//! The TypeScript made from [`crate::wire`] and [`crate::error`]. Owns the list of these types. `cargo xtask
//! bindings` writes the file; a test fails if the committed file differs.

use std::fmt::Write as _;

use ts_rs::{Config, TS};

use crate::{error, wire};

/// The whole file. The same types always give the same bytes.
pub fn typescript() -> String {
    let config = Config::default();
    let mut out = String::from(
        "// Made from crates/console/src/{wire/,error.rs} by `cargo xtask bindings`. Do not edit.\n",
    );
    macro_rules! types {
        ($($ty:ty),* $(,)?) => {$(
            out.push_str("\nexport ");
            out.push_str(&<$ty as TS>::decl(&config));
            out.push('\n');
        )*};
    }
    types![
        ids::UserId,
        ids::GroupId,
        ids::OrganizationId,
        ids::AccountId,
        ids::WorkspaceId,
        ids::PlanId,
        ids::ViewId,
        error::ErrorCode,
        error::AppError,
        wire::SessionView,
        wire::SignInOver,
        wire::SignInReason,
        wire::SignInStep,
        wire::QrCode,
        wire::SignInForm,
        wire::RedirectChoice,
        wire::RedirectKind,
        wire::Account,
        wire::AccountState,
        wire::KeychainState,
        wire::SignInMethod,
        wire::SignInRequest,
        wire::TokenStorage,
        wire::Person,
        wire::Organization,
        wire::SyncView,
        wire::ListsView,
        wire::ReadView,
        wire::Doubt,
        wire::Changes,
        wire::Differences,
        wire::Totals,
        wire::Role,
        wire::UserState,
        wire::Origin,
        wire::PrintSetting,
        wire::UserScope,
        wire::SettingFilter,
        wire::Counted<wire::Role>,
        wire::Facets,
        wire::UserColumn,
        wire::UserQuery,
        wire::UserWindow,
        wire::UserRow,
        wire::PrintSettings,
        wire::RowGroup,
        wire::GroupRef,
        wire::UserRef,
        wire::UserDetail,
        wire::GroupColumn,
        wire::GroupQuery,
        wire::GroupWindow,
        wire::GroupRow,
        wire::MemberQuery,
        wire::GroupForm,
        wire::FieldEdit<bool>,
        wire::GroupEdit,
        wire::GroupField,
        wire::FieldConflict,
        wire::GroupSaved,
        wire::Selection,
        wire::MembershipRequest,
        wire::PlanView,
        wire::PlanSummary,
        wire::PlanVerb,
        wire::PlanWindow,
        wire::PlanLine,
        wire::Planned,
        wire::BlockedReason,
        wire::Outcome,
        wire::PlanProgress,
        wire::RunState,
        wire::ListName,
        wire::ColumnChoice,
        wire::Columns,
        wire::ViewForm,
        wire::View,
        wire::ListLooks,
        wire::Seek<()>,
        wire::UserSeekQuery,
        wire::GroupSeekQuery,
        wire::Place<()>,
        wire::Installation,
        wire::DiskNotice,
        wire::DiskThing,
        wire::DiskProblem,
        wire::AppEvent,
    ];
    // A dialog needs this limit before there is a plan.
    let _ = writeln!(out, "\nexport const MAX_PLAN_LINES = {};", changes::MAX_CHANGES);
    out
}

#[cfg(test)]
mod tests {
    use super::typescript;

    #[test]
    fn the_committed_typescript_is_what_the_types_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/ipc/bindings.ts");
        if std::env::var_os("PRESSROOM_WRITE_BINDINGS").is_some() {
            std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
            std::fs::write(path, typescript()).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap();
        assert!(
            committed == typescript(),
            "run `cargo xtask bindings` and commit ui/src/ipc/bindings.ts"
        );
    }
}
