//! What comes back, made safe: bodies up to a limit, error bodies of every kind as one type, `Retry-After`, and JSON whose
//! faults are told without its values. Must never keep an answer's text unlimited, with control characters or with a token.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, DATE, RETRY_AFTER};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::error::{Error, Fault, StatusError};
use crate::token::BearerToken;

/// Characters kept of an error's body.
const BODY_CHARS: usize = 2_000;
/// Characters kept of one message in it.
const MESSAGE_CHARS: usize = 500;
/// Fields kept of it.
const FIELDS: usize = 50;
/// Bytes read of it; the rest stays on the wire.
pub(crate) const ERROR_BODY_BYTES: usize = 64 * 1024;

/// A complete answer of the 2xx kind.
pub(crate) struct Reply {
    pub(crate) body: Bytes,
    pub(crate) content_type: Option<String>,
}

impl Reply {
    /// The body as JSON. What is wrong with it is told by place and kind, without a value.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        decode(&self.body).map_err(|why| self.malformed(why))
    }

    pub(crate) fn malformed(&self, why: Fault) -> Error {
        Error::Malformed {
            why,
            content_type: self.content_type.clone(),
        }
    }
}

/// Decodes a JSON object; a fault names its path and kind only, for the value may be a person's.
pub(crate) fn decode<'de, T: serde::Deserialize<'de>>(json: &'de [u8]) -> Result<T, Fault> {
    match json.trim_ascii().first() {
        None => return Err(Fault::Empty),
        Some(b'{') => {}
        // A list would be taken for an object whose fields are in order.
        Some(_) => {
            let json = serde_json::from_slice::<IgnoredAny>(json);
            return Err(json.map_or(Fault::NotJson, |_| Fault::Invalid { path: ".".to_owned() }));
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = clean(&error.path().to_string(), 100);
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

/// Why a body could not be had.
pub(crate) enum BodyError {
    TooLarge,
    Broken(reqwest::Error),
}

/// Reads a body of at most `limit` bytes; a larger one is noticed from its length or while it comes (security.md 51).
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

/// The start of an error's body. Never fails: what is there when the connection breaks is what is told.
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

/// Makes the typed error of a status, headers and the start of a body.
pub(crate) fn status_error(
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    token: &BearerToken,
) -> StatusError {
    let text = token.redact(String::from_utf8_lossy(body).into_owned());
    let said = Said::of(&text);
    StatusError {
        status,
        code: said.code,
        detail: said.detail,
        fields: said.fields,
        body: clean(&text, BODY_CHARS),
        request_id: request_id(headers),
        retry_after: retry_after(headers, SystemTime::now()),
    }
}

/// The server's name for the request, for support.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    let value = headers
        .get("x-request-id")
        .or_else(|| headers.get("x-correlation-id"))?;
    Some(clean(&String::from_utf8_lossy(value.as_bytes()), 128)).filter(|id| !id.is_empty())
}

/// `Content-Type`, made printable.
pub(crate) fn content_type(headers: &HeaderMap) -> Option<String> {
    headers
        .get(CONTENT_TYPE)
        .map(|value| clean(&String::from_utf8_lossy(value.as_bytes()), 100))
}

/// `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date, which is compared with the answer's own `Date` where it
/// has one, so that a wrong clock here doesn't matter. A date that has passed is zero.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit mean "very long", which the cap then cuts.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let theirs = headers
        .get(DATE)
        .and_then(|value| httpdate::parse_http_date(value.to_str().ok()?).ok());
    Some(date.duration_since(theirs.unwrap_or(now)).unwrap_or_default())
}

/// The text on one line: control characters and direction marks become spaces, cut to `limit` characters.
pub(crate) fn clean(text: &str, limit: usize) -> String {
    let harmless = text.chars().map(|c| match c {
        c if c.is_control() => ' ',
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => ' ',
        c => c,
    });
    let cut: String = harmless.take(limit).collect();
    cut.trim().to_owned()
}

#[derive(Default)]
struct Said {
    code: Option<String>,
    detail: Option<String>,
    fields: BTreeMap<String, Vec<String>>,
}

impl Said {
    fn of(body: &str) -> Self {
        let mut said = Self::default();
        match serde_json::from_str::<Value>(body) {
            Ok(Value::Object(object)) => {
                for (name, value) in &object {
                    said.member(name, value);
                }
            }
            Ok(Value::String(text)) => said.detail = message(&text),
            Ok(value @ Value::Array(_)) => said.detail = texts(&value).into_iter().next(),
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
            self.fields.entry(clean(name, 100)).or_default().extend(said);
        }
    }
}

fn message(text: &str) -> Option<String> {
    Some(clean(text, MESSAGE_CHARS)).filter(|text| !text.is_empty())
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
mod tests {
    use super::{clean, decode, retry_after, status_error};
    use crate::error::Fault;
    use crate::token::BearerToken;
    use http::{HeaderMap, HeaderValue};
    use proptest::prelude::*;
    use std::time::{Duration, SystemTime};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    /// 21 Oct 2026, 07:28:00 GMT.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_792_567_680)
    }

    fn wait(pairs: &[(&'static str, &str)]) -> Option<u64> {
        retry_after(&headers(pairs), now()).map(|wait| wait.as_secs())
    }

    /// security.md 48
    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(wait(&[("retry-after", "120")]), Some(120));
        assert_eq!(wait(&[("retry-after", " 0 ")]), Some(0));
        assert_eq!(
            wait(&[("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT")]),
            Some(30)
        );
        assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT")]), Some(0));
        assert_eq!(
            wait(&[("retry-after", "99999999999999999999999")]),
            Some(u64::from(u32::MAX))
        );
        for nonsense in ["", "soon", "-5", "1.5", "1e3", "0x10", "2026-10-21T07:28:30Z"] {
            assert_eq!(wait(&[("retry-after", nonsense)]), None, "{nonsense}");
        }
        assert_eq!(wait(&[]), None);
    }

    #[test]
    fn a_date_is_measured_by_the_servers_own_clock() {
        let pairs = [
            ("retry-after", "Mon, 01 Jan 2024 00:00:10 GMT"),
            ("date", "Mon, 01 Jan 2024 00:00:00 GMT"),
        ];
        assert_eq!(wait(&pairs), Some(10));
    }

    #[test]
    fn a_faults_path_is_told_and_its_value_is_not() {
        #[derive(Debug, serde::Deserialize)]
        struct Outer {
            #[allow(dead_code, reason = "only decoded")]
            list: Vec<Inner>,
        }
        #[derive(Debug, serde::Deserialize)]
        struct Inner {
            #[allow(dead_code, reason = "only decoded")]
            n: u8,
        }
        let fault = |json: &str| decode::<Outer>(json.as_bytes()).unwrap_err();
        assert_eq!(
            fault(r#"{"list":[{"n":1},{"n":"secret"}]}"#),
            Fault::Invalid {
                path: "list[1].n".into()
            }
        );
        assert_eq!(
            fault(r#"{"list":[{}]}"#),
            Fault::Missing {
                path: "list[0]".into()
            }
        );
        assert_eq!(fault(r#"{"list":[]} trailing"#), Fault::NotJson);
        assert_eq!(fault(&"[".repeat(10_000)), Fault::NotJson);
    }

    proptest! {
        #[test]
        fn any_retry_after_is_a_duration_or_nothing(text in "[ -~]{0,40}") {
            let _ = wait(&[("retry-after", text.trim())]);
        }

        #[test]
        fn seconds_are_read_as_they_are(seconds: u32) {
            prop_assert_eq!(wait(&[("retry-after", &seconds.to_string())]), Some(u64::from(seconds)));
        }

        #[test]
        fn any_body_becomes_an_error_with_harmless_short_texts(
            body in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..3_000),
                "\\{\"(detail|error|name|x)\":(\"\\PC{0,900}\"|\\[\"\\PC{0,700}\",1,null\\]|\\{\"y\":\\[\"z\"\\]\\})\\}".prop_map(String::into_bytes),
            ],
            status in 400..600_u16,
        ) {
            let token = BearerToken::new("t0ken".to_owned().into(), 1);
            let error = status_error(status, &HeaderMap::new(), &body, &token);
            let texts = error.fields.values().flatten().chain(&error.detail).chain(&error.code).chain([&error.body]);
            for text in texts {
                prop_assert!(text.chars().count() <= 2_000);
                prop_assert!(!text.chars().any(char::is_control));
                prop_assert!(!text.contains("t0ken"));
            }
        }

        #[test]
        fn a_cleaned_text_keeps_what_is_harmless(text in "[ -~äöüßéあ😀]{0,100}") {
            prop_assert_eq!(clean(&text, 1_000), text.trim());
        }
    }
}
