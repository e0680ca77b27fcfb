//! The answers of the pairing endpoint, checked without I/O: a code to show, and a page of the account server
//! to enter it on. Must never accept a page of another server: the user would sign in there.

use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::error::{MalformedReply, TokenError};
use crate::reply::{Body, RawReply, lifetime, read};

/// The user types the code; a longer one is not meant for that.
const CODE_BYTES: usize = 64;
const URL_BYTES: usize = 2048;
/// RFC 8628 section 3.2.
const INTERVAL: Duration = Duration::from_secs(5);
/// Contract: 600 if absent.
const LIFE: Duration = Duration::from_secs(600);
/// Lower limit for the server's interval.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);
/// Upper limit for the server's lifetime: a code is a bearer secret on a screen.
const LONGEST_LIFE: Duration = Duration::from_secs(3600);

/// The server's offer.
pub(super) struct Offer {
    pub(super) code: SecretString,
    pub(super) url: Url,
    pub(super) interval: Duration,
    pub(super) expires_in: Duration,
}

#[derive(Deserialize)]
struct Fields {
    pairing_code: Option<SecretString>,
    auth_url: Option<String>,
    interval: Option<Value>,
    expires_in: Option<Value>,
    error: Option<Value>,
    error_description: Option<Value>,
}

impl Body for Fields {
    fn error(&self) -> (Option<&Value>, Option<&Value>) {
        (self.error.as_ref(), self.error_description.as_ref())
    }
}

/// Checks a reply to a pairing request. `account` is the server that was asked.
pub(super) fn judge(reply: &RawReply<'_>, now: SystemTime, account: &Url) -> Result<Offer, TokenError> {
    let malformed = |why| TokenError::Malformed { why };
    let fields: Fields = read(reply, now)?;
    let code = fields
        .pairing_code
        .filter(|code| presentable(code.expose_secret()))
        .ok_or(malformed(MalformedReply::PairingCode))?;
    let url = fields
        .auth_url
        .and_then(|text| page(&text, account))
        .ok_or(malformed(MalformedReply::PairingUrl))?;
    let expires_in = match &fields.expires_in {
        None | Some(Value::Null) => LIFE,
        Some(value) => lifetime(value).ok_or(malformed(MalformedReply::ExpiresIn))?,
    };
    // An unreadable interval becomes the standard's: only polling faster than asked would do harm.
    let interval = match &fields.interval {
        Some(value) if value.as_u64() == Some(0) => SHORTEST_INTERVAL,
        Some(value) => lifetime(value).unwrap_or(INTERVAL),
        None => INTERVAL,
    };
    Ok(Offer {
        code,
        url,
        interval: interval.clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL),
        expires_in: expires_in.min(LONGEST_LIFE),
    })
}

/// Printable ASCII without surrounding spaces: what is displayed is then what is sent back.
fn presentable(code: &str) -> bool {
    !code.is_empty()
        && code.len() <= CODE_BYTES
        && code.bytes().all(|b| (0x20..=0x7e).contains(&b))
        && code.trim() == code
}

/// A page of the account server, over the same scheme; the account URL is https, or http on a loopback host.
fn page(text: &str, account: &Url) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= URL_BYTES)?;
    let ours = url.origin() == account.origin() && url.username().is_empty() && url.password().is_none();
    ours.then_some(url)
}

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;
