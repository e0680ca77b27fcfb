//! Both REST servers: their routes. The calls are in the files beside this one.

mod accounts;
mod assignments;
mod caller;
mod error;
mod groups;
mod invitations;
mod json;
mod organizations;
mod page;
mod print_users;

use axum::Router;
use axum::routing::{get, patch, put};

use crate::slash::SlashRoutes;
use crate::state::State;

pub(crate) use error::ApiError;

/// Routes of the account server's API, below `/v1/`.
pub(crate) fn account_routes() -> Router<State> {
    Router::new()
        .slashed("/v1/organizations/", get(organizations::list))
        .slashed("/v1/users/", get(accounts::list))
        .route("/v1/users/me", get(accounts::me))
        .route("/v1/users/me/", get(accounts::me))
        .slashed(
            "/v1/users/userinvitations/",
            get(invitations::list_under_users).post(invitations::create_under_users),
        )
        .slashed(
            "/v1/users/{id}/",
            get(accounts::read)
                .patch(accounts::update)
                .delete(accounts::delete),
        )
        .slashed(
            "/v1/userinvitations/",
            get(invitations::list_under_root).post(invitations::create_under_root),
        )
        .slashed("/v1/userinvitations/{id}/", patch(invitations::resend))
}

/// Routes of the printing server, below `/printing/v1/`.
pub(crate) fn printing_routes() -> Router<State> {
    Router::new()
        .slashed("/printing/v1/groups/", get(groups::list).post(groups::create))
        .slashed(
            "/printing/v1/groups/{id}/",
            get(groups::read).patch(groups::update).delete(groups::delete),
        )
        .slashed("/printing/v1/users/", get(print_users::list))
        .slashed(
            "/printing/v1/users/{id}/",
            get(print_users::read)
                .patch(print_users::patch)
                .put(print_users::put),
        )
        .slashed("/printing/v1/assignments/", get(assignments::list))
        .slashed("/printing/v1/assignments/{id}/", put(assignments::replace))
}
