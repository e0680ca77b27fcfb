//! Commands of the read, and of people.

use console::Console;
use console::error::Result;
use console::wire::{OrganizationId, SyncView, Totals, UserDetail, UserId, UserQuery, UserWindow};
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
pub fn totals(console: App<'_>, organization: OrganizationId) -> Result<Totals> {
    console.totals(&organization)
}

#[tauri::command(async)]
pub fn users(console: App<'_>, organization: OrganizationId, query: UserQuery) -> Result<UserWindow> {
    console.users(&organization, &query)
}

#[tauri::command(async)]
pub fn user(console: App<'_>, organization: OrganizationId, id: UserId) -> Result<UserDetail> {
    console.user(&organization, &id)
}

#[tauri::command]
pub async fn user_read(console: App<'_>, organization: OrganizationId, id: UserId) -> Result<UserDetail> {
    console.user_read(&organization, &id).await
}
