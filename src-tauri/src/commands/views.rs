//! Commands of the lists' looks: columns, saved views, and where a row stands.

use console::Console;
use console::error::Result;
use console::wire::{
    ColumnChoice, GroupSeekQuery, ListLooks, ListName, Place, UserSeekQuery, View, ViewForm,
};
use ids::{GroupId, UserId, ViewId, WorkspaceId};
use tauri::State;

type App<'a> = State<'a, Console>;

#[tauri::command(async)]
pub fn user_seek(
    console: App<'_>,
    workspace: WorkspaceId,
    query: UserSeekQuery,
) -> Result<Option<Place<UserId>>> {
    console.user_seek(&workspace, &query)
}

#[tauri::command(async)]
pub fn group_seek(
    console: App<'_>,
    workspace: WorkspaceId,
    query: GroupSeekQuery,
) -> Result<Option<Place<GroupId>>> {
    console.group_seek(&workspace, &query)
}

#[tauri::command(async)]
pub fn list_looks(console: App<'_>, workspace: WorkspaceId) -> Result<ListLooks> {
    console.list_looks(&workspace)
}

#[tauri::command(async)]
pub fn columns_keep(console: App<'_>, list: ListName, columns: Vec<ColumnChoice>) -> Result<()> {
    console.columns_keep(list, columns)
}

#[tauri::command]
pub async fn view_save(
    console: App<'_>,
    workspace: WorkspaceId,
    id: Option<ViewId>,
    form: ViewForm,
) -> Result<View> {
    console.view_save(&workspace, id.as_ref(), form).await
}

#[tauri::command]
pub async fn view_delete(console: App<'_>, workspace: WorkspaceId, id: ViewId) -> Result<()> {
    console.view_delete(&workspace, &id).await
}

#[tauri::command]
pub async fn view_restore(console: App<'_>, workspace: WorkspaceId, id: ViewId) -> Result<View> {
    console.view_restore(&workspace, &id).await
}

#[tauri::command]
pub async fn view_choose(console: App<'_>, workspace: WorkspaceId, id: Option<ViewId>) -> Result<()> {
    console.view_choose(&workspace, id.as_ref()).await
}
