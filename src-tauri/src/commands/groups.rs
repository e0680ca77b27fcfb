//! Commands of groups.

use console::Console;
use console::error::Result;
use console::wire::{
    GroupForm, GroupId, GroupQuery, GroupRow, GroupWindow, MemberQuery, OrganizationId, UserWindow,
};
use tauri::State;

type App<'a> = State<'a, Console>;

#[tauri::command(async)]
pub fn groups(console: App<'_>, organization: OrganizationId, query: GroupQuery) -> Result<GroupWindow> {
    console.groups(&organization, &query)
}

#[tauri::command(async)]
pub fn group(console: App<'_>, organization: OrganizationId, id: GroupId) -> Result<GroupRow> {
    console.group(&organization, &id)
}

#[tauri::command]
pub async fn group_read(console: App<'_>, organization: OrganizationId, id: GroupId) -> Result<GroupRow> {
    console.group_read(&organization, &id).await
}

#[tauri::command(async)]
pub fn group_members(
    console: App<'_>,
    organization: OrganizationId,
    query: MemberQuery,
) -> Result<UserWindow> {
    console.group_members(&organization, &query)
}

#[tauri::command]
pub async fn group_create(
    console: App<'_>,
    organization: OrganizationId,
    form: GroupForm,
) -> Result<GroupRow> {
    console.group_create(&organization, &form).await
}

#[tauri::command]
pub async fn group_update(
    console: App<'_>,
    organization: OrganizationId,
    id: GroupId,
    form: GroupForm,
) -> Result<GroupRow> {
    console.group_update(&organization, &id, &form).await
}

#[tauri::command]
pub async fn group_delete(
    console: App<'_>,
    organization: OrganizationId,
    id: GroupId,
    confirmation: Option<String>,
) -> Result<()> {
    console
        .group_delete(&organization, &id, confirmation.as_deref())
        .await
}
