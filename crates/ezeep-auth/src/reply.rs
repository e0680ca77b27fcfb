//! The answers of the token endpoint, checked without I/O: status, headers and body in, tokens or a typed
//! error out. Must never accept a reply that is not exactly a token reply (security.md 22), nor keep its
//! bytes.

use std::time::{Duration, SystemTime};

use ezeep_http::sanitized;
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::claims::Claims;
use crate::error::{MalformedReply, TokenError};
use crate::settings::Scopes;

/// Limit of a token, which is sent as one header value; the vendor's are much shorter.
const TOKEN_BYTES: usize = 16 * 1024;
/// The documented lifetime, used if neither `expires_in` nor the token itself tells it (RFC 6749 section
/// 5.1).
const DOCUMENTED_LIFE: Duration = Duration::from_secs(3600);
/// A longer lifetime is cut to this; an additional refresh costs nothing.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);
/// Upper limit for the wait that a server asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// The result of a grant: tokens in memory, not stored yet. Has no `Debug`, because it contains secrets.
#[derive(Clone)]
pub struct TokenSet {
    /// The access token.
    pub access: SecretString,
    /// The refresh token, for one use. `None`: the one sent stays valid (security.md 38).
    pub refresh: Option<SecretString>,
    /// Lifetime of the access token, from when it was requested.
    pub expires_in: Duration,
    /// The granted scopes; `None` if the reply doesn't tell, which means: as requested (contract).
    pub scope: Option<Scopes>,
    /// The claims of the access token.
    pub claims: Claims,
}

#[derive(Deserialize)]
struct Fields {
    access_token: Option<SecretString>,
    token_type: Option<String>,
    expires_in: Option<Value>,
    scope: Option<String>,
    refresh_token: Option<SecretString>,
    error: Option<Value>,
    error_description: Option<Value>,
}

/// A reply as received, the body within its limit.
pub(crate) struct RawReply<'a> {
    pub(crate) status: StatusCode,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) retry_after: Option<&'a str>,
    /// `Date`: the server's clock.
    pub(crate) date: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// The JSON object of an endpoint that answers 200 or an OAuth error.
pub(crate) trait Body: DeserializeOwned {
    /// `error` and `error_description`, unchanged.
    fn error(&self) -> (Option<&Value>, Option<&Value>);
}

impl Body for Fields {
    fn error(&self) -> (Option<&Value>, Option<&Value>) {
        (self.error.as_ref(), self.error_description.as_ref())
    }
}

/// Checks a reply to a token request. `now` is only used for a `Retry-After` with a date.
pub(crate) fn judge(reply: &RawReply<'_>, now: SystemTime) -> Result<TokenSet, TokenError> {
    read(reply, now).and_then(tokens)
}

/// Returns the fields of a 200 without an error.
///
/// # Errors
/// The error of any other reply.
pub(crate) fn read<T: Body>(reply: &RawReply<'_>, now: SystemTime) -> Result<T, TokenError> {
    let status = reply.status;
    // The status counts first: a proxy or an overloaded server may send any body, and nothing in it may end a
    // session (security.md 37).
    if status.is_redirection() {
        return Err(TokenError::Redirected);
    }
    match status.as_u16() {
        407 => return Err(TokenError::ProxyAuth),
        429 => {
            return Err(TokenError::RateLimited {
                retry_after: retry_after(reply, now),
            });
        }
        500.. => {
            return Err(TokenError::Server {
                status: status.as_u16(),
            });
        }
        _ => {}
    }
    let fields = fields::<T>(reply);
    if status != StatusCode::OK {
        return Err(match fields.ok().and_then(|fields| oauth_error(&fields)) {
            Some(error) => error,
            // A firewall's or proxy's own page: the server answers JSON.
            None if status == StatusCode::FORBIDDEN && media_type(reply) == "text/html" => {
                TokenError::Malformed {
                    why: MalformedReply::NotJson,
                }
            }
            None => TokenError::Refused {
                status: status.as_u16(),
            },
        });
    }
    let fields = fields?;
    match oauth_error(&fields) {
        Some(error) => Err(error),
        None => Ok(fields),
    }
}

/// Checks a reply to a revocation: any 2xx is a success (RFC 7009 section 2.2), whatever the body, unless
/// that is a web page, which comes from a proxy. An empty body of that type is the server's.
pub(crate) fn judge_revocation(reply: &RawReply<'_>, now: SystemTime) -> Result<(), TokenError> {
    if reply.status.is_success() {
        let page = media_type(reply) == "text/html" && !reply.body.trim_ascii().is_empty();
        return match page {
            true => Err(TokenError::Malformed {
                why: MalformedReply::NotJson,
            }),
            false => Ok(()),
        };
    }
    match judge(reply, now) {
        Err(error) => Err(error),
        // Only a 200 is checked as a token reply, and each other 2xx was accepted above.
        Ok(_) => Ok(()),
    }
}

/// In lower case, without parameters; "" if absent.
fn media_type(reply: &RawReply<'_>) -> String {
    let value = reply.content_type.and_then(|value| value.split(';').next());
    value.unwrap_or_default().trim().to_ascii_lowercase()
}

fn fields<T: Body>(reply: &RawReply<'_>) -> Result<T, TokenError> {
    if media_type(reply) != "application/json" {
        return Err(TokenError::Malformed {
            why: MalformedReply::NotJson,
        });
    }
    // The parser's own message could quote the body, so only its kind is returned.
    serde_json::from_slice(reply.body).map_err(|_| TokenError::Malformed {
        why: MalformedReply::Shape,
    })
}

/// The error of RFC 6749 section 5.2; also if it comes with a 200 (security.md 22).
fn oauth_error(fields: &impl Body) -> Option<TokenError> {
    let (error, description) = fields.error();
    let error = error.filter(|error| !error.is_null())?;
    let code = sanitized(error.as_str().unwrap_or_default(), 64);
    let description = description
        .and_then(Value::as_str)
        .map(|text| sanitized(text, 300));
    Some(match code.as_str() {
        "invalid_client" => TokenError::InvalidClient,
        "invalid_grant" => TokenError::InvalidGrant,
        "invalid_scope" => TokenError::InvalidScope,
        _ => TokenError::OAuth {
            error: code,
            description: description.filter(|text| !text.is_empty()),
        },
    })
}

fn tokens(fields: Fields) -> Result<TokenSet, TokenError> {
    let malformed = |why| TokenError::Malformed { why };
    let access = fields
        .access_token
        .ok_or(malformed(MalformedReply::AccessToken))?;
    if !usable(&access) {
        return Err(malformed(MalformedReply::AccessToken));
    }
    if !fields
        .token_type
        .as_deref()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"))
    {
        return Err(malformed(MalformedReply::TokenType));
    }
    let refresh = fields
        .refresh_token
        .filter(|token| !token.expose_secret().is_empty());
    if refresh.as_ref().is_some_and(|token| !usable(token)) {
        return Err(malformed(MalformedReply::RefreshToken));
    }
    let claims = Claims::of(access.expose_secret());
    let expires_in = match &fields.expires_in {
        None | Some(Value::Null) => said_by_the_token(&claims).unwrap_or(DOCUMENTED_LIFE),
        Some(value) => lifetime(value).ok_or(malformed(MalformedReply::ExpiresIn))?,
    };
    let scope = fields
        .scope
        .and_then(|text| Scopes::try_from(text.as_str()).ok())
        .filter(|scopes| !scopes.is_empty());
    Ok(TokenSet {
        access,
        refresh,
        expires_in,
        scope,
        claims,
    })
}

/// Whether a token is visible ASCII (RFC 6749 appendix A.12 and A.17), so that it fits a header and a form
/// unchanged.
fn usable(token: &SecretString) -> bool {
    let token = token.expose_secret();
    !token.is_empty() && token.len() <= TOKEN_BYTES && token.bytes().all(|b| (0x21..=0x7e).contains(&b))
}

/// Seconds, as a number as documented, or as digits, which some servers send.
pub(crate) fn lifetime(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => match number.as_u64() {
            Some(seconds) => seconds,
            None => number
                .as_f64()
                .filter(|s| s.is_finite() && *s >= 1.0)
                .map(|s| s as u64)?,
        },
        Value::String(digits) if digits.len() <= 12 && digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse().ok()?
        }
        _ => return None,
    };
    (seconds > 0).then(|| Duration::from_secs(seconds).min(LONGEST_LIFE))
}

/// The difference of the token's own two times, which does not depend on this computer's clock.
fn said_by_the_token(claims: &Claims) -> Option<Duration> {
    let seconds = u64::try_from(claims.exp?.checked_sub(claims.iat?)?)
        .ok()
        .filter(|s| *s > 0)?;
    Some(Duration::from_secs(seconds).min(LONGEST_LIFE))
}

/// How long the server asks to wait, at most [`LONGEST_WAIT`] (security.md 48).
fn retry_after(reply: &RawReply<'_>, now: SystemTime) -> Option<Duration> {
    ezeep_http::retry_after(reply.retry_after, reply.date, now).map(|wait| wait.min(LONGEST_WAIT))
}

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;
