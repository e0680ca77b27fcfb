//! The parameters that come back from the browser, whichever way they came: loopback listener or a link of our own
//! scheme. Owns what counts as the answer to an attempt. Must never look at anything else before `state` has
//! proven that the answer is ours (security.md 17-19).

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use url::form_urlencoded;

use crate::error::CallbackError;
use crate::reply::clean;

/// Longer codes are not issued; the listener's line limit is the other bound.
const CODE_BYTES: usize = 4096;

/// What an answer is held against.
pub(crate) struct Expected {
    /// The attempt's own state.
    pub(crate) state: SecretString,
    /// The account server's origin, without a slash at the end.
    pub(crate) issuer: String,
}

/// Why an answer brings no code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// No answer, or one without exactly one state: it neither completes nor cancels (security.md 10).
    NotOurs,
    /// The answer to another attempt, of this program or forged: it neither completes nor cancels this one.
    AnotherSignIn,
    /// The answer to this attempt, and it ends it.
    Ends(CallbackError),
}

/// Reads the query of a callback, without the question mark.
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
    // RFC 9207 section 2.4: where it is present, it must be the issuer that was asked, or the answer is another's.
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
            error: clean(error, 64),
            description: description
                .map(|text| clean(&text, 300))
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

/// RFC 6749 appendix A.11.
fn usable(code: &str) -> bool {
    !code.is_empty() && code.len() <= CODE_BYTES && code.bytes().all(|b| (0x20..=0x7e).contains(&b))
}

#[cfg(test)]
#[path = "callback_tests.rs"]
mod tests;
