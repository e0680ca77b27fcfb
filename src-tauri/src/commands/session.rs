//! Commands of the sign-in and the organizations.

use console::Console;
use console::error::Result;
use console::wire::{
    Account, DiskNotice, Installation, KeychainState, Organization, SessionView, SignInRequest,
};
use ids::{AccountId, OrganizationId};
use tauri::{AppHandle, State};

type App<'a> = State<'a, Console>;

#[tauri::command(async)]
pub fn session_view(console: App<'_>) -> SessionView {
    console.session_view()
}

#[tauri::command]
pub async fn session_retry(console: App<'_>) -> Result<()> {
    console.session_retry();
    Ok(())
}

#[tauri::command]
pub async fn sign_in(console: App<'_>, request: SignInRequest) -> Result<()> {
    console.sign_in(request).await
}

#[tauri::command]
pub async fn sign_in_open_again(console: App<'_>) -> Result<()> {
    console.sign_in_open_again().await
}

#[tauri::command(async)]
pub fn sign_in_copy_link(console: App<'_>) -> Result<()> {
    console.sign_in_copy_link()
}

#[tauri::command]
pub async fn sign_in_cancel(console: App<'_>) -> Result<()> {
    console.sign_in_cancel().await;
    Ok(())
}

#[tauri::command]
pub async fn demo_start(console: App<'_>) -> Result<()> {
    console.demo_start().await
}

#[tauri::command]
pub async fn sign_out(console: App<'_>) -> Result<()> {
    console.sign_out().await
}

#[tauri::command]
pub async fn sign_out_all(console: App<'_>) -> Result<()> {
    console.sign_out_all().await
}

#[tauri::command]
pub async fn sign_in_close(console: App<'_>) -> Result<()> {
    console.sign_in_close().await;
    Ok(())
}

#[tauri::command]
pub async fn keychain_check(console: App<'_>) -> Result<KeychainState> {
    Ok(console.keychain_check().await)
}

#[tauri::command(async)]
pub fn accounts(console: App<'_>) -> Vec<Account> {
    console.accounts()
}

#[tauri::command]
pub async fn account_choose(console: App<'_>, account: AccountId) -> Result<()> {
    console.account_choose(&account).await
}

#[tauri::command]
pub async fn account_add(console: App<'_>) -> Result<()> {
    console.account_add().await
}

#[tauri::command]
pub async fn account_forget(console: App<'_>, account: AccountId) -> Result<()> {
    console.account_forget(&account).await
}

#[tauri::command]
pub async fn organizations(console: App<'_>) -> Result<Vec<Organization>> {
    console.organizations().await
}

#[tauri::command]
pub async fn organization_choose(console: App<'_>, organization: OrganizationId) -> Result<()> {
    console.organization_choose(&organization).await
}

#[tauri::command(async)]
pub fn installation(app: AppHandle, console: App<'_>) -> Installation {
    console.installation(&app.package_info().version.to_string())
}

#[tauri::command(async)]
pub fn disk_notices(console: App<'_>) -> Vec<DiskNotice> {
    console.disk_notices()
}

#[tauri::command(async)]
pub fn disk_notice_close(console: App<'_>, id: u32) {
    console.disk_notice_close(id);
}
