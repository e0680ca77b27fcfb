//! The account server's OAuth side: sign-in page, token endpoint, pairing, revocation. The rules are RFC
//! 6749, 7009, 7636, 8628 and 9700, and what ezeep-api.md says of the vendor's own.

mod authorize;
mod consent;
mod error;
mod form;
mod grants;
mod page;
mod pairing;
mod revoke;
mod token;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};

use crate::slash::SlashRoutes;
use crate::state::State;

pub use authorize::{Consent, ConsentError, consent};
pub use grants::issue;
pub use pairing::answer as answer_pairing;

/// Routes of OAuth and its pages.
pub(crate) fn routes() -> Router<State> {
    Router::new()
        .slashed("/oauth/authorize/", get(authorize::show).post(authorize::decide))
        .slashed("/oauth/access_token/", post(token::token))
        .slashed("/oauth/pair/", post(pairing::start))
        .slashed("/oauth/revoke/", post(revoke::revoke))
        .slashed(
            "/microsoft/",
            get(authorize::show_microsoft).post(authorize::decide_microsoft),
        )
        .slashed("/pair/", get(pairing::show).post(pairing::decide))
        .route("/assets/sign-in.css", get(page::stylesheet))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
}
