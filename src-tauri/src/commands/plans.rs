//! Commands of membership plans.

use console::Console;
use console::error::Result;
use console::wire::{MembershipRequest, PlanProgress, PlanSummary, PlanView, PlanWindow};
use ids::{PlanId, WorkspaceId};
use tauri::State;

type App<'a> = State<'a, Console>;

#[tauri::command(async)]
pub fn plans(console: App<'_>, workspace: WorkspaceId) -> Result<Vec<PlanSummary>> {
    console.plans(&workspace)
}

#[tauri::command(async)]
pub async fn plan_make(
    console: App<'_>,
    workspace: WorkspaceId,
    request: MembershipRequest,
) -> Result<PlanView> {
    console.plan_make(&workspace, &request).await
}

#[tauri::command(async)]
pub fn plan_lines(
    console: App<'_>,
    id: PlanId,
    offset: u32,
    limit: u32,
    failed_only: bool,
) -> Result<PlanWindow> {
    console.plan_lines(&id, offset, limit, failed_only)
}

#[tauri::command]
pub async fn plan_apply(console: App<'_>, id: PlanId) -> Result<()> {
    console.plan_apply(&id)
}

#[tauri::command(async)]
pub fn plan_pause(console: App<'_>, id: PlanId) -> Result<()> {
    console.plan_pause(&id)
}

#[tauri::command(async)]
pub fn plan_resume(console: App<'_>, id: PlanId) -> Result<()> {
    console.plan_resume(&id)
}

#[tauri::command(async)]
pub fn plan_stop(console: App<'_>, id: PlanId) -> Result<()> {
    console.plan_stop(&id)
}

#[tauri::command]
pub async fn plan_retry(console: App<'_>, id: PlanId) -> Result<()> {
    console.plan_retry(&id)
}

#[tauri::command(async)]
pub fn plan_progress(console: App<'_>, id: PlanId) -> Result<PlanProgress> {
    console.plan_progress(&id)
}

#[tauri::command(async)]
pub fn plan_report(console: App<'_>, id: PlanId) -> Result<String> {
    console.plan_report(&id)
}

#[tauri::command(async)]
pub fn plan_close(console: App<'_>, id: PlanId) -> Result<()> {
    console.plan_close(&id)
}
