//! The handle of one opening of an organization. Must never do anything itself: a method asks the room that
//! knows.

use std::sync::Arc;

use ids::{GroupId, PlanId, UserId, ViewId};

use crate::account::Accounts;
#[cfg(doc)]
use crate::error::ErrorCode;
use crate::error::Result;
use crate::organization::OrganizationContext;
use crate::runner::plan::Plan;
use crate::services::Services;
use crate::wire::{
    Facets, GroupEdit, GroupForm, GroupQuery, GroupRow, GroupSaved, GroupSeekQuery, GroupWindow,
    ListSettings, MemberQuery, MembershipRequest, Place, PlanProgress, PlanSummary, PlanView, PlanWindow,
    SyncView, Totals, UserDetail, UserQuery, UserScope, UserSeekQuery, UserWindow, View, ViewForm,
};
use crate::workspace::OpenOrganization;
use crate::writers::group;
use crate::writers::print_settings::{self, PrintSettingsChange, PrintSettingsResult};
use crate::{groups, seek, users};

/// One opening of an organization, by [`Console::open`](crate::Console::open). Clones are one.
///
/// After the organization is left, what asks a server, writes a view, makes a plan or starts a run fails with
/// [`ErrorCode::OrganizationChanged`] or [`ErrorCode::SignedOut`]; what is in memory can still be read. "Server errors" are those of
/// [`Console`](crate::Console#server-errors).
#[derive(Clone)]
pub struct Workspace {
    services: Arc<Services>,
    accounts: Arc<Accounts>,
    open: Arc<OpenOrganization>,
}

impl Workspace {
    pub(crate) fn new(services: Arc<Services>, accounts: Arc<Accounts>, open: Arc<OpenOrganization>) -> Self {
        Self {
            services,
            accounts,
            open,
        }
    }

    /// What the lists show and how far the full read is.
    pub fn sync_view(&self) -> SyncView {
        self.open.sync.view()
    }

    /// Starts a full read of the organization, or resumes a stopped one. Returns at once; does nothing if one
    /// is under way.
    pub fn sync_start(&self) {
        if !self.accounts.read_again(&self.open) {
            self.open.sync.start();
        }
    }

    /// Cancels the full read under way, if any. The lists stay as shown; if they were empty, they show what
    /// was read.
    pub fn sync_cancel(&self) {
        self.open.sync.cancel();
    }

    /// How many users and groups the directory has.
    ///
    /// # Errors
    /// [`ErrorCode::DirectoryNotRead`] before the first sync.
    pub fn totals(&self) -> Result<Totals> {
        self.open.context.store.read(|directory| {
            let (users, groups) = directory.totals();
            Totals { users, groups }
        })
    }

    /// A window of the users who match, at most 500 rows, from memory.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] for a search of more than 200 characters; otherwise as
    /// [`Workspace::totals`].
    pub fn users(&self, query: &UserQuery) -> Result<UserWindow> {
        users::list(&self.open.context, query)
    }

    /// For each value of each filter, and for each of `groups`: how many users would match with only that
    /// value in its filter, the search and all other filters as they are. From memory.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] for more than 500 groups or a search of more than 200 characters;
    /// otherwise as [`Workspace::totals`].
    pub fn facets(&self, scope: &UserScope, groups: &[GroupId]) -> Result<Facets> {
        users::facets(&self.open.context, scope, groups)
    }

    /// One user's details, from memory.
    ///
    /// # Errors
    /// [`ErrorCode::UserGone`]; otherwise as [`Workspace::totals`].
    pub fn user(&self, id: &UserId) -> Result<UserDetail> {
        users::detail(&self.open.context, id)
    }

    /// Reads one user from both servers and returns the details.
    ///
    /// # Errors
    /// [`ErrorCode::UserGone`] if neither server knows the user; [server errors](crate::Console#server-errors);
    /// otherwise as [`Workspace::totals`].
    pub async fn user_read(&self, id: &UserId) -> Result<UserDetail> {
        users::read(self.context()?, id).await
    }

    /// A window of the groups that match, at most 500 rows, from memory.
    ///
    /// # Errors
    /// As [`Workspace::users`].
    pub fn groups(&self, query: &GroupQuery) -> Result<GroupWindow> {
        groups::list(&self.open.context, query)
    }

    /// One group's row, from memory.
    ///
    /// # Errors
    /// [`ErrorCode::GroupGone`]; otherwise as [`Workspace::totals`].
    pub fn group(&self, id: &GroupId) -> Result<GroupRow> {
        groups::detail(&self.open.context, id)
    }

    /// Reads one group and its members from the printing server and returns the group's row.
    ///
    /// # Errors
    /// [`ErrorCode::GroupGone`]; [server errors](crate::Console#server-errors); otherwise as [`Workspace::totals`].
    pub async fn group_read(&self, id: &GroupId) -> Result<GroupRow> {
        groups::read(self.context()?, id).await
    }

    /// A window of a group's members, at most 500 rows, from memory.
    ///
    /// # Errors
    /// As [`Workspace::users`].
    pub fn group_members(&self, query: &MemberQuery) -> Result<UserWindow> {
        groups::members(&self.open.context, query)
    }

    /// The ids of a window of users, at most 100,000, from memory.
    ///
    /// # Errors
    /// As [`Workspace::users`].
    pub fn user_ids(&self, query: &UserQuery) -> Result<Vec<UserId>> {
        users::ids(&self.open.context, query)
    }

    /// Those of `ids` that don't match, or that the directory doesn't have; from memory.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] for more than 100,000 ids or a search of more than 200 characters;
    /// otherwise as [`Workspace::totals`].
    pub fn users_not_matching(&self, scope: &UserScope, ids: &[UserId]) -> Result<Vec<UserId>> {
        users::not_matching(&self.open.context, scope, ids)
    }

    /// The position of a user in the list of those who match; `None` if none of the asked ones matches.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] for more than 500 ids, or a search or prefix of more than 200
    /// characters; otherwise as [`Workspace::totals`].
    pub fn user_seek(&self, query: &UserSeekQuery) -> Result<Option<Place<UserId>>> {
        seek::user(&self.open.context, query)
    }

    /// The position of a group in the list of those that match; `None` if none of the asked ones matches.
    ///
    /// # Errors
    /// As [`Workspace::user_seek`].
    pub fn group_seek(&self, query: &GroupSeekQuery) -> Result<Option<Place<GroupId>>> {
        seek::group(&self.open.context, query)
    }

    /// The columns of the lists on this computer, and the saved views of this organization.
    pub fn list_settings(&self) -> ListSettings {
        let shown = self.open.views.shown();
        ListSettings {
            columns: self.services.profile.get().columns,
            views: shown.views,
            chosen: shown.chosen,
            persisted: shown.persisted,
        }
    }

    /// Saves a view, as a new one or in place of the one with `id`, and chooses it. Nothing changes on
    /// failure.
    ///
    /// # Errors
    /// - [`ErrorCode::ViewNameEmpty`], [`ErrorCode::ViewNameTooLong`] (60 characters),
    ///   [`ErrorCode::ViewNameTaken`]
    /// - [`ErrorCode::ViewsFull`] (100 views), [`ErrorCode::ViewGone`]
    /// - [`ErrorCode::ArgumentInvalid`] for a search of more than 200 characters, more than 200 groups, or
    ///   columns that [`Console::columns_save`](crate::Console::columns_save) refuses
    /// - [`ErrorCode::FileNotWritten`], and the keychain's codes, since views are sealed (security.md 61)
    /// - [`ErrorCode::OrganizationChanged`] if the organization has been left
    pub async fn view_save(&self, id: Option<&ViewId>, form: ViewForm) -> Result<View> {
        self.open.views.save(id, form).await
    }

    /// Deletes a saved view. [`Workspace::view_restore`] restores the one deleted last.
    ///
    /// # Errors
    /// [`ErrorCode::ViewGone`]; [`ErrorCode::FileNotWritten`] and the keychain's codes;
    /// [`ErrorCode::OrganizationChanged`] if the organization has been left.
    pub async fn view_delete(&self, id: &ViewId) -> Result<()> {
        self.open.views.delete(id).await
    }

    /// Restores a deleted view to its place, if it is the one deleted last.
    ///
    /// # Errors
    /// [`ErrorCode::ViewGone`] if it is not the one deleted last; [`ErrorCode::ViewNameTaken`] or
    /// [`ErrorCode::ViewsFull`] if that has changed meanwhile; otherwise as [`Workspace::view_delete`].
    pub async fn view_restore(&self, id: &ViewId) -> Result<View> {
        self.open.views.restore(id).await
    }

    /// Remembers the chosen view for the next start; `None` stands for all users.
    ///
    /// # Errors
    /// As [`Workspace::view_delete`].
    pub async fn view_choose(&self, id: Option<&ViewId>) -> Result<()> {
        self.open.views.choose(id).await
    }

    /// Creates a group. Name and description are trimmed.
    ///
    /// # Errors
    /// - [`ErrorCode::GroupNameEmpty`], [`ErrorCode::GroupNameInvisible`], [`ErrorCode::GroupNameTooLong`],
    ///   [`ErrorCode::GroupDescriptionTooLong`] (255 characters each)
    /// - [`ErrorCode::GroupNameTaken`]; [`ErrorCode::GroupNameLooksLike`], which needs a confirmation
    /// - after a lost reply (security.md 49): [`ErrorCode::OutcomeUnknown`] if no group has the name,
    ///   [`ErrorCode::CreateUnconfirmed`] if no group with it is certainly the created one
    /// - [`ErrorCode::DirectoryNotRead`]
    /// - [server errors](crate::Console#server-errors)
    pub async fn group_create(&self, form: &GroupForm) -> Result<GroupRow> {
        group::create(self.context()?, form).await
    }

    /// Changes the touched fields of a group: read, compare, write, read back (docs/decisions/0003).
    ///
    /// # Errors
    /// - [`ErrorCode::GroupChangedMeanwhile`], which needs a choice; nothing was written
    /// - [`ErrorCode::GroupGone`], [`ErrorCode::SyncedFromAzure`]
    /// - [`ErrorCode::OutcomeUnknown`] if the reply was lost and the read-back does not show the change
    /// - for a touched name or description, and otherwise: as [`Workspace::group_create`]
    pub async fn group_update(&self, id: &GroupId, edit: &GroupEdit) -> Result<GroupSaved> {
        group::update(self.context()?, id, edit).await
    }

    /// Deletes a group. If it has members, `confirmation` must look the same as its name.
    ///
    /// # Errors
    /// - [`ErrorCode::ConfirmationMismatch`]; [`ErrorCode::SyncedFromAzure`]
    /// - [`ErrorCode::GroupGone`] if another admin has deleted it
    /// - [`ErrorCode::OutcomeUnknown`] if the reply was lost and the group is still there
    /// - [`ErrorCode::DirectoryNotRead`]
    /// - [server errors](crate::Console#server-errors)
    pub async fn group_delete(&self, id: &GroupId, confirmation: Option<&str>) -> Result<()> {
        group::delete(self.context()?, id, confirmation).await
    }

    /// Writes print settings of users, each once, in the given order (docs/decisions/0004). The first user
    /// who needs a write is written alone; the others follow only if the read-back shows all groups and the
    /// settings. The result has one entry for each user.
    ///
    /// # Errors
    /// [`ErrorCode::ArgumentInvalid`] for more than 100,000 users. A failure for one user is in that user's
    /// result.
    pub async fn print_settings_write(
        &self,
        users: &[UserId],
        change: &PrintSettingsChange,
    ) -> Result<Vec<PrintSettingsResult>> {
        print_settings::write_set(self.context()?, users, change).await
    }

    /// Makes a plan of membership changes from the lists; nothing is written to a server
    /// (docs/decisions/0002).
    ///
    /// # Errors
    /// - [`ErrorCode::ListPartial`] or [`ErrorCode::ListSaved`] for "all that match" while the lists are
    ///   still being synced or come from a saved copy: ask again when they are synced.
    /// - [`ErrorCode::PlanTooLarge`] for more than 200,000 lines, each one user and one group; no plan is
    ///   made then.
    /// - [`ErrorCode::ArgumentInvalid`] for more than 100,000 ids, for no group, more than 1,000 groups, or a
    ///   group in both lists.
    /// - [`ErrorCode::DirectoryNotRead`] before the first sync.
    pub async fn plan_make(&self, request: &MembershipRequest) -> Result<PlanView> {
        self.accounts.ensure_open(&self.open)?;
        self.open.plans.make(request.clone()).await
    }

    /// The plans with lines left to try, newest first, including those of earlier runs of the app.
    pub fn plans(&self) -> Vec<PlanSummary> {
        self.open.plans.unfinished()
    }

    /// A window of a plan's lines, at most 500; only failed ones if `failed_only`.
    ///
    /// # Errors
    /// [`ErrorCode::PlanGone`].
    pub fn plan_lines(&self, id: &PlanId, offset: u32, limit: u32, failed_only: bool) -> Result<PlanWindow> {
        Ok(self.plan(id)?.window(offset, limit, failed_only))
    }

    /// Starts writing a plan, or writes the lines again that failed or were not tried. Returns at once;
    /// [`Workspace::plan_progress`] tells how far it is.
    ///
    /// # Errors
    /// [`ErrorCode::SessionEnded`] if a sign-in is needed first; [`ErrorCode::ChangesRunning`] if it is being
    /// written already; [`ErrorCode::PlanBusy`] if another program writes it; [`ErrorCode::PlanEmpty`] if no line is left to try;
    /// [`ErrorCode::OrganizationChanged`] or [`ErrorCode::SignedOut`] if the organization has been left;
    /// otherwise as [`Workspace::plan_lines`].
    pub async fn plan_apply(&self, id: &PlanId) -> Result<()> {
        self.accounts.ensure_writable(&self.open)?;
        self.open.plans.apply(id).await
    }

    /// Pauses a run between two users. A run that waits for the servers no longer continues by itself.
    ///
    /// # Errors
    /// As [`Workspace::plan_lines`].
    pub fn plan_pause(&self, id: &PlanId) -> Result<()> {
        self.plan(id)?.pause();
        Ok(())
    }

    /// Continues a paused run. One that waits for the servers tries at once.
    ///
    /// # Errors
    /// As [`Workspace::plan_lines`].
    pub fn plan_resume(&self, id: &PlanId) -> Result<()> {
        self.plan(id)?.resume();
        Ok(())
    }

    /// Ends a run after the users being written now. Written changes stay.
    ///
    /// # Errors
    /// As [`Workspace::plan_lines`].
    pub fn plan_stop(&self, id: &PlanId) -> Result<()> {
        self.plan(id)?.stop();
        Ok(())
    }

    /// A plan's run state and its lines counted by outcome.
    ///
    /// # Errors
    /// As [`Workspace::plan_lines`].
    pub fn plan_progress(&self, id: &PlanId) -> Result<PlanProgress> {
        Ok(self.plan(id)?.progress())
    }

    /// Saves a plan's outcomes as a new CSV file in the downloads folder. Returns its path.
    ///
    /// # Errors
    /// [`ErrorCode::FileNotWritten`]; otherwise as [`Workspace::plan_lines`].
    pub fn plan_report(&self, id: &PlanId) -> Result<String> {
        Ok(self.open.plans.save_report(id)?.display().to_string())
    }

    /// Removes a plan, from disk too. A plan that is gone already is no error.
    ///
    /// # Errors
    /// [`ErrorCode::ChangesRunning`] while it is being written; [`ErrorCode::PlanBusy`] while another program
    /// writes it.
    pub async fn plan_close(&self, id: &PlanId) -> Result<()> {
        self.open.plans.close(id).await
    }

    /// What a call to a server needs, while the organization is open.
    fn context(&self) -> Result<&OrganizationContext> {
        self.accounts.ensure_open(&self.open)?;
        Ok(&self.open.context)
    }

    fn plan(&self, id: &PlanId) -> Result<Arc<Plan>> {
        self.open.plans.get(id)
    }
}
