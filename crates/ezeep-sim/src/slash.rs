//! The servers' 301 for a path without its trailing slash (ezeep-api.md). Nothing else.

use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any};

use crate::state::State;

pub(crate) trait SlashRoutes {
    /// Routes `path`, which ends in a slash, and redirects there from the path without it, whatever the
    /// method.
    fn slashed(self, path: &str, methods: MethodRouter<State>) -> Self;
}

impl SlashRoutes for Router<State> {
    fn slashed(self, path: &str, methods: MethodRouter<State>) -> Self {
        self.route(path, methods)
            .route(path.trim_end_matches('/'), any(add_slash))
    }
}

async fn add_slash(uri: Uri) -> Response {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let target = format!("{}/{query}", uri.path());
    (
        StatusCode::MOVED_PERMANENTLY,
        [
            (header::LOCATION, target),
            (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        ],
    )
        .into_response()
}
