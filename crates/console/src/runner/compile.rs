//! Compiles a request of the UI against the open organization's lists. No I/O; holds the directory's lock for
//! a bounded number of users at a time.

use changes::{ChangeSet, CompileError, Compiler, Lists, MAX_CHANGES, Request, Selection, Title};

use crate::convert;
use crate::error::{AppError, ErrorCode, Result};
use crate::organization::OrganizationContext;
use crate::wire::{self, ListsView, MembershipRequest};

/// Makes a change set. The time grows with the selection: call it on a blocking thread.
///
/// # Errors
/// - [`ErrorCode::DirectoryNotRead`] before the first sync.
/// - [`ErrorCode::ListPartial`] and [`ErrorCode::ListSaved`] for "all that match" if the lists were not
///   synced to their end in this run of the app.
/// - [`ErrorCode::PlanTooLarge`] for more than [`MAX_CHANGES`] changes.
/// - [`ErrorCode::ArgumentInvalid`] for too many ids, for no group, too many groups, or a group in both
///   lists.
pub fn compile(context: &OrganizationContext, request: MembershipRequest) -> Result<ChangeSet> {
    let request = domain_request(request)?;
    let mut compiler = context.store.read(|directory| {
        // Read under the directory's lock, which is also held for every change of it.
        let lists = lists(&context.store.lists());
        let organization = context.organization.id.clone();
        Compiler::begin(directory, lists, organization, &request).map_err(error)
    })??;
    while context.store.read(|directory| compiler.advance(directory))? {}
    Ok(compiler.finish())
}

fn domain_request(request: MembershipRequest) -> Result<Request> {
    Ok(match request {
        MembershipRequest::Add { users, groups } => Request {
            title: Title::AddToGroups,
            users: selection(users)?,
            add: groups,
            remove: Vec::new(),
        },
        MembershipRequest::Remove { users, groups } => Request {
            title: Title::RemoveFromGroups,
            users: selection(users)?,
            add: Vec::new(),
            remove: groups,
        },
        MembershipRequest::Edit { user, add, remove } => Request {
            title: Title::EditGroupsOfUser,
            users: Selection::Ids(vec![user]),
            add,
            remove,
        },
    })
}

fn selection(selection: wire::Selection) -> Result<Selection> {
    Ok(match selection {
        wire::Selection::Ids { ids } => Selection::Ids(ids),
        wire::Selection::Matching { scope, except } => Selection::Matching {
            scope: convert::scope(&scope)?,
            except,
        },
    })
}

fn lists(lists: &ListsView) -> Lists {
    match lists {
        ListsView::Nothing | ListsView::Partial => Lists::Partial,
        ListsView::Saved { at } => Lists::Saved { at: *at },
        ListsView::Read { at, incomplete } => Lists::Synced {
            at: *at,
            incomplete: *incomplete,
        },
    }
}

fn error(error: CompileError) -> AppError {
    let invalid = |field: &str| ErrorCode::ArgumentInvalid { field: field.into() };
    match error {
        CompileError::TooLarge { changes } => ErrorCode::PlanTooLarge {
            lines: changes,
            max: MAX_CHANGES,
        },
        CompileError::Partial => ErrorCode::ListPartial,
        CompileError::Saved { at } => ErrorCode::ListSaved { at },
        CompileError::Groups => invalid("groups"),
        CompileError::Users => invalid("users"),
    }
    .into()
}
