//! Commands of the read, and of people.

use console::Console;
use console::error::Result;
use console::wire::{Facets, SyncView, Totals, UserDetail, UserQuery, UserScope, UserWindow};
use ids::{GroupId, UserId, WorkspaceId};
use tauri::State;

type App<'a> = State<'a, Console>;

#[tauri::command(async)]
pub fn sync_view(console: App<'_>) -> SyncView {
    console.sync_view()
}

#[tauri::command]
pub async fn sync_start(console: App<'_>) -> Result<()> {
    console.sync_start()
}

#[tauri::command(async)]
pub fn sync_cancel(console: App<'_>) -> Result<()> {
    console.sync_cancel()
}

#[tauri::command(async)]
pub fn totals(console: App<'_>, workspace: WorkspaceId) -> Result<Totals> {
    console.totals(&workspace)
}

#[tauri::command(async)]
pub fn users(console: App<'_>, workspace: WorkspaceId, query: UserQuery) -> Result<UserWindow> {
    console.users(&workspace, &query)
}

#[tauri::command(async)]
pub fn user_ids(console: App<'_>, workspace: WorkspaceId, query: UserQuery) -> Result<Vec<UserId>> {
    console.user_ids(&workspace, &query)
}

#[tauri::command(async)]
pub fn users_not_matching(
    console: App<'_>,
    workspace: WorkspaceId,
    scope: UserScope,
    ids: Vec<UserId>,
) -> Result<Vec<UserId>> {
    console.users_not_matching(&workspace, &scope, &ids)
}

#[tauri::command(async)]
pub fn facets(
    console: App<'_>,
    workspace: WorkspaceId,
    scope: UserScope,
    groups: Vec<GroupId>,
) -> Result<Facets> {
    console.facets(&workspace, &scope, &groups)
}

#[tauri::command(async)]
pub fn user(console: App<'_>, workspace: WorkspaceId, id: UserId) -> Result<UserDetail> {
    console.user(&workspace, &id)
}

#[tauri::command]
pub async fn user_read(console: App<'_>, workspace: WorkspaceId, id: UserId) -> Result<UserDetail> {
    console.user_read(&workspace, &id).await
}
