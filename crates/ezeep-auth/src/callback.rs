//! The parameters that come back from the browser, by the loopback listener or by a link of our own scheme.
//! Owns what counts as the answer to an attempt. Must never use anything else before `state` has proven that
//! the answer is ours (security.md 17-19).

use ezeep_http::sanitized;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use url::form_urlencoded;

use crate::error::CallbackError;

/// Longer codes are not issued; the listener's line limit also applies.
const CODE_BYTES: usize = 4096;

/// The values that an answer is compared with.
pub(crate) struct Expected {
    /// The attempt's own state.
    pub(crate) state: SecretString,
    /// The account server's origin, without a trailing slash.
    pub(crate) issuer: String,
}

/// Why an answer contains no usable code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// No answer, or one without exactly one state: it neither completes nor cancels (security.md 10).
    NotOurs,
    /// The answer to another attempt, of this program or forged: it neither completes nor cancels this one.
    AnotherSignIn,
    /// The answer to this attempt, which ends it.
    Ends(CallbackError),
}

/// Parses the query of a callback, without the question mark.
pub(crate) fn read(query: &str, expected: &Expected) -> Result<SecretString, Rejection> {
    let mut states = 0;
    let mut right = false;
    let mut codes = Vec::new();
    let mut errors = Vec::new();
    let mut issuers = Vec::new();
    let mut description = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "state" => {
                states += 1;
                right = value
                    .as_bytes()
                    .ct_eq(expected.state.expose_secret().as_bytes())
                    .into();
            }
            "code" => codes.push(SecretString::from(value.into_owned())),
            "error" => errors.push(value.into_owned()),
            "error_description" => description = Some(value.into_owned()),
            "iss" => issuers.push(value.into_owned()),
            _ => {}
        }
    }
    if states != 1 {
        return Err(Rejection::NotOurs);
    }
    if !right {
        return Err(if codes.is_empty() && errors.is_empty() {
            Rejection::NotOurs
        } else {
            Rejection::AnotherSignIn
        });
    }
    // RFC 9207 section 2.4: if `iss` is present, it must be the issuer that was asked; otherwise another
    // server has answered.
    if issuers.len() > 1
        || issuers
            .iter()
            .any(|iss| iss.strip_suffix('/').unwrap_or(iss) != expected.issuer)
    {
        return Err(Rejection::Ends(CallbackError::WrongIssuer));
    }
    let mut codes = codes.into_iter();
    match (codes.next(), codes.next(), errors.as_slice()) {
        (Some(code), None, []) if usable(code.expose_secret()) => Ok(code),
        (None, None, [error]) if !error.is_empty() => Err(Rejection::Ends(CallbackError::Denied {
            error: sanitized(error, 64),
            description: description
                .map(|text| sanitized(&text, 300))
                .filter(|text| !text.is_empty()),
        })),
        _ => Err(Rejection::Ends(CallbackError::Malformed)),
    }
}

/// Whether a query has the form of an answer to any attempt (RFC 6749 sections 4.1.2 and 4.1.2.1).
pub(crate) fn is_an_answer(query: &str) -> bool {
    let count = |wanted: &[&str]| {
        form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| wanted.contains(&name.as_ref()))
            .count()
    };
    count(&["state"]) == 1 && count(&["code", "error"]) > 0
}

/// Whether a code has the characters of RFC 6749 appendix A.11.
fn usable(code: &str) -> bool {
    !code.is_empty() && code.len() <= CODE_BYTES && code.bytes().all(|b| (0x20..=0x7e).contains(&b))
}

#[cfg(test)]
#[path = "callback_tests.rs"]
mod tests;
