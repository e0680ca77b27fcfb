//! Commands of groups.

use console::Console;
use console::error::Result;
use console::wire::{
    GroupEdit, GroupForm, GroupQuery, GroupRow, GroupSaved, GroupWindow, MemberQuery, UserWindow,
};
use ids::{GroupId, WorkspaceId};
use tauri::State;

type App<'a> = State<'a, Console>;

#[tauri::command(async)]
pub fn groups(console: App<'_>, workspace: WorkspaceId, query: GroupQuery) -> Result<GroupWindow> {
    console.groups(&workspace, &query)
}

#[tauri::command(async)]
pub fn group(console: App<'_>, workspace: WorkspaceId, id: GroupId) -> Result<GroupRow> {
    console.group(&workspace, &id)
}

#[tauri::command]
pub async fn group_read(console: App<'_>, workspace: WorkspaceId, id: GroupId) -> Result<GroupRow> {
    console.group_read(&workspace, &id).await
}

#[tauri::command(async)]
pub fn group_members(console: App<'_>, workspace: WorkspaceId, query: MemberQuery) -> Result<UserWindow> {
    console.group_members(&workspace, &query)
}

#[tauri::command]
pub async fn group_create(console: App<'_>, workspace: WorkspaceId, form: GroupForm) -> Result<GroupRow> {
    console.group_create(&workspace, &form).await
}

#[tauri::command]
pub async fn group_update(
    console: App<'_>,
    workspace: WorkspaceId,
    id: GroupId,
    edit: GroupEdit,
) -> Result<GroupSaved> {
    console.group_update(&workspace, &id, &edit).await
}

#[tauri::command(async)]
pub fn looks_the_same(console: App<'_>, typed: String, shown: String) -> bool {
    console.looks_the_same(&typed, &shown)
}

#[tauri::command]
pub async fn group_delete(
    console: App<'_>,
    workspace: WorkspaceId,
    id: GroupId,
    confirmation: Option<String>,
) -> Result<()> {
    console
        .group_delete(&workspace, &id, confirmation.as_deref())
        .await
}
