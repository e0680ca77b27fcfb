//! Replies made safe: bodies up to a limit, error bodies of all kinds as one type, `Retry-After`, and JSON
//! faults without values. Must never return an answer's text without a limit, with control characters or with
//! a token.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use ezeep_http::sanitized;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, DATE, RETRY_AFTER};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::error::{BodyKind, Error, Fault, StatusError};
use crate::token::BearerToken;

/// Characters kept of an error's body.
const BODY_CHARS: usize = 2_000;
/// Characters kept of one message in it.
const MESSAGE_CHARS: usize = 500;
/// Fields kept of it.
const FIELDS: usize = 50;
/// Bytes read of it; the rest is discarded with the connection.
pub(crate) const ERROR_BODY_BYTES: usize = 64 * 1024;

/// A complete answer with a 2xx status.
pub(crate) struct Reply {
    pub(crate) body: Bytes,
    pub(crate) content_type: Option<String>,
}

impl Reply {
    /// The body as JSON.
    ///
    /// # Errors
    /// [`Error::Malformed`] with path and kind, without a value.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        decode(&self.body).map_err(|why| self.malformed(why))
    }

    /// Whether it is a web page, and not an empty body with that type.
    pub(crate) fn is_page(&self) -> bool {
        let text = self.body.trim_ascii();
        let called = self.content_type.as_deref().unwrap_or_default();
        !text.is_empty() && (starts(called, "text/html") || is_page(&String::from_utf8_lossy(text)))
    }

    pub(crate) fn malformed(&self, why: Fault) -> Error {
        Error::Malformed {
            why,
            content_type: self.content_type.clone(),
        }
    }
}

/// Parses a JSON object. A fault contains only its path and kind, because the value may be personal data.
pub(crate) fn decode<'de, T: serde::Deserialize<'de>>(json: &'de [u8]) -> Result<T, Fault> {
    match json.trim_ascii().first() {
        None => return Err(Fault::Empty),
        Some(b'{') => {}
        // serde would accept a list as an object with its fields in order.
        Some(_) => {
            let json = serde_json::from_slice::<IgnoredAny>(json);
            return Err(json.map_or(Fault::NotJson, |_| Fault::Invalid { path: ".".to_owned() }));
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = sanitized(&error.path().to_string(), 100);
        let inner = error.inner();
        if !inner.is_data() {
            Fault::NotJson
        } else if inner.to_string().starts_with("missing field") {
            Fault::Missing { path }
        } else {
            Fault::Invalid { path }
        }
    })?;
    reader.end().map_err(|_| Fault::NotJson)?;
    Ok(value)
}

/// Why a body could not be read.
pub(crate) enum BodyError {
    TooLarge,
    Broken(reqwest::Error),
}

/// Reads a body of at most `limit` bytes. A larger one is refused by its declared length or while it arrives
/// (security.md 51).
pub(crate) async fn read_body(response: &mut reqwest::Response, limit: usize) -> Result<Bytes, BodyError> {
    let announced = response.content_length();
    if announced.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit)) {
        return Err(BodyError::TooLarge);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Broken)? {
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Reads the start of an error's body. Never fails: if the connection breaks, what has arrived is returned.
pub(crate) async fn read_error_body(response: &mut reqwest::Response) -> Bytes {
    let mut body = BytesMut::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = ERROR_BODY_BYTES - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() >= room {
            break;
        }
    }
    body.freeze()
}

/// Makes the error from a status, headers and the start of a body.
pub(crate) fn status_error(
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    token: &BearerToken,
    of_list: bool,
) -> StatusError {
    let mut text = token.redact(String::from_utf8_lossy(body).into_owned());
    let mut body_kind = BodyKind::Other;
    let said = match serde_json::from_str::<Value>(&text) {
        Ok(mut value) => {
            if value.is_object() && (status != 404 || value.get("detail").is_some()) {
                body_kind = BodyKind::Json;
            }
            // JSON can escape the token's characters; the body is then returned as parsed.
            if redact(token, &mut value) {
                text = value.to_string();
            }
            Said::of(value)
        }
        Err(_) => {
            if is_html(headers, &text) {
                body_kind = BodyKind::Html;
            }
            Said::default()
        }
    };
    StatusError {
        status,
        code: said.code,
        detail: said.detail,
        fields: said.fields,
        body: sanitized(&text, BODY_CHARS),
        request_id: request_id(headers),
        retry_after: retry_after(headers, SystemTime::now()),
        body_kind,
        of_list,
    }
}

/// Removes the token from all texts and names. Returns whether it was there.
fn redact(token: &BearerToken, value: &mut Value) -> bool {
    match value {
        Value::String(text) => {
            let without = token.redact(text.clone());
            let found = without != *text;
            *text = without;
            found
        }
        Value::Array(items) => {
            let mut found = false;
            for item in items {
                found |= redact(token, item);
            }
            found
        }
        Value::Object(members) => {
            let mut found = false;
            *members = std::mem::take(members)
                .into_iter()
                .map(|(name, mut value)| {
                    let without = token.redact(name.clone());
                    found |= redact(token, &mut value) || without != name;
                    (without, value)
                })
                .collect();
            found
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The server's id of the request, for support.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    let value = headers
        .get("x-request-id")
        .or_else(|| headers.get("x-correlation-id"))?;
    Some(sanitized(&String::from_utf8_lossy(value.as_bytes()), 128)).filter(|id| !id.is_empty())
}

/// `Content-Type`, made printable.
pub(crate) fn content_type(headers: &HeaderMap) -> Option<String> {
    headers
        .get(CONTENT_TYPE)
        .map(|value| sanitized(&String::from_utf8_lossy(value.as_bytes()), 100))
}

/// How long the server asks to wait, without an upper limit.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    ezeep_http::retry_after(header(headers, &RETRY_AFTER), header(headers, &DATE), now)
}

/// A header as text; `None` if it is absent or not text.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &http::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether it is a web page, whatever `Content-Type` a proxy sends.
fn is_html(headers: &HeaderMap, body: &str) -> bool {
    let called = header(headers, &CONTENT_TYPE).unwrap_or_default().trim_start();
    starts(called, "text/html") || is_page(body.trim_start())
}

fn is_page(text: &str) -> bool {
    starts(text, "<!doctype html") || starts(text, "<html")
}

fn starts(text: &str, with: &str) -> bool {
    text.get(..with.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(with))
}

#[derive(Default)]
struct Said {
    code: Option<String>,
    detail: Option<String>,
    fields: BTreeMap<String, Vec<String>>,
}

impl Said {
    fn of(body: Value) -> Self {
        let mut said = Self::default();
        match body {
            Value::Object(object) => {
                for (name, value) in &object {
                    said.member(name, value);
                }
            }
            Value::String(text) => said.detail = message(&text),
            value @ Value::Array(_) => said.detail = texts(&value).into_iter().next(),
            _ => {}
        }
        said
    }

    fn member(&mut self, name: &str, value: &Value) {
        match (name, value) {
            ("detail" | "error_description", Value::String(text)) => {
                self.detail = message(text).or(self.detail.take())
            }
            ("message", Value::String(text)) => self.detail = self.detail.take().or_else(|| message(text)),
            ("error" | "code", Value::String(text)) => self.code = self.code.take().or_else(|| message(text)),
            ("error", Value::Object(inner)) => {
                for (name, value) in inner {
                    self.member(name, value);
                }
            }
            ("detail", Value::Array(_)) => self.detail = texts(value).into_iter().next(),
            ("error_uri" | "status" | "status_code", _) => {}
            _ => self.field(name, value, 0),
        }
    }

    fn field(&mut self, name: &str, value: &Value, depth: usize) {
        if self.fields.len() >= FIELDS || depth > 4 {
            return;
        }
        match value {
            Value::Object(inner) => {
                for (part, value) in inner {
                    self.field(&format!("{name}.{part}"), value, depth + 1);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate().filter(|(_, item)| item.is_object()) {
                    self.field(&format!("{name}[{index}]"), item, depth + 1);
                }
            }
            _ => {}
        }
        let said = texts(value);
        if !said.is_empty() {
            self.fields.entry(sanitized(name, 100)).or_default().extend(said);
        }
    }
}

fn message(text: &str) -> Option<String> {
    Some(sanitized(text, MESSAGE_CHARS)).filter(|text| !text.is_empty())
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => message(text).into_iter().collect(),
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_str)
            .filter_map(message)
            .take(FIELDS)
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;
