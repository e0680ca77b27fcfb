//! How a list is cut into pages, and the form of a page.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::error::ApiError;
use crate::config::Server;
use crate::reply::json_reply;
use crate::state::Settings;

/// The part of a list that is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub limit: usize,
    pub offset: usize,
}

impl Window {
    /// Parses `limit` and `offset`, or `page` and `per_page` for lists that know them; clamps values without
    /// an error.
    pub fn parse(query: Option<&str>, settings: &Settings, pages: bool) -> Result<Self, ApiError> {
        let mut limit = None;
        let mut offset = None;
        let mut page = None;
        for (key, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match key.as_ref() {
                "limit" => limit = Some(number("limit", &value, 1)?),
                "offset" => offset = Some(number("offset", &value, 0)?),
                "per_page" if pages => limit = Some(number("per_page", &value, 1)?),
                "page" if pages => page = Some(number("page", &value, 1)?),
                _ => {}
            }
        }
        let limit = limit
            .unwrap_or(settings.page_default as usize)
            .min(settings.page_max as usize);
        let offset = offset
            .or(page.map(|page| (page - 1).saturating_mul(limit)))
            .unwrap_or(0);
        Ok(Self { limit, offset })
    }

    pub fn of<'a, T>(&self, list: &'a [T]) -> &'a [T] {
        let start = self.offset.min(list.len());
        let end = start.saturating_add(self.limit).min(list.len());
        &list[start..end]
    }
}

fn number(name: &'static str, text: &str, least: usize) -> Result<usize, ApiError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let value = if digits {
        Some(text.parse().unwrap_or(usize::MAX))
    } else {
        None
    };
    value
        .filter(|value| *value >= least)
        .ok_or_else(|| ApiError::Field(name, "A valid integer is required.".to_owned()))
}

/// A page in the shape of openapi.yaml, with `next` as it has been seen: `http://`, and a host of its own.
pub(crate) fn page_reply<T: Serialize>(
    settings: &Settings,
    server: Server,
    path: &str,
    extra: Option<(&str, &str)>,
    window: Window,
    count: usize,
    results: &[T],
) -> Response {
    #[derive(Serialize)]
    struct Page<'a, T> {
        count: usize,
        next: Option<String>,
        previous: Option<String>,
        results: &'a [T],
    }
    let origin = match server {
        Server::Account => &settings.quirks.account_next_origin,
        Server::Printing => &settings.quirks.next_origin,
    };
    let link = |offset: Option<usize>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some((key, value)) = extra {
            query.append_pair(key, value);
        }
        query.append_pair("limit", &window.limit.to_string());
        if let Some(offset) = offset {
            query.append_pair("offset", &offset.to_string());
        }
        format!("{origin}{path}?{}", query.finish())
    };
    let end = window.offset.saturating_add(window.limit);
    let next = (end < count).then(|| link(Some(end)));
    let previous = (window.offset > 0).then(|| {
        let back = window.offset.saturating_sub(window.limit);
        link((back > 0).then_some(back))
    });
    json_reply(
        StatusCode::OK,
        &Page {
            count,
            next,
            previous,
            results,
        },
    )
}
