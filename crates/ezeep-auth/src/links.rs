//! The hub for links of our own scheme (RFC 8252 section 7.1): the app passes each link to it, and the
//! pending attempt takes the one that is its answer. Must never let any other link change anything
//! (security.md 13-19).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;
use tokio::sync::oneshot;

use crate::callback::{self, Expected, Rejection};
use crate::error::CallbackError;
use crate::notices::NoticeSender;
use crate::redirect::Scheme;

/// Longest accepted link; the loopback listener's request line has the same limit.
const LINK_BYTES: usize = 8 * 1024;

/// Receives links of our own scheme. Clones share one hub, which has at most one pending attempt, until that
/// attempt's wait ends.
#[derive(Clone, Default)]
pub struct Links {
    hub: Arc<Mutex<Hub>>,
}

/// What was done with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a link that is not ours may belong to another receiver"]
pub enum Delivery {
    /// It was the answer of the pending attempt, a code or an error, and ended the wait. The same link again
    /// will not be accepted.
    Taken,
    /// It is the answer to another attempt, of this program or forged; nothing has changed.
    AnotherSignIn,
    /// No attempt is pending, and it is not the answer to a sign-in; nothing has changed.
    NotOurs,
}

type Outcome = Result<SecretString, CallbackError>;

#[derive(Default)]
struct Hub {
    attempts: u64,
    pending: Option<Pending>,
}

/// The expected answer, and its receiver.
struct Pending {
    attempt: u64,
    scheme: Scheme,
    expected: Expected,
    notices: NoticeSender,
    answer: oneshot::Sender<Outcome>,
}

/// The waiting end of one attempt. Dropping it removes the attempt from the hub.
pub(crate) struct LinkReceiver {
    attempt: u64,
    hub: Arc<Mutex<Hub>>,
    answer: oneshot::Receiver<Outcome>,
}

impl Links {
    /// Passes a link to the pending attempt, from any source: the system at a cold start, a second start of
    /// the app, or the running one. Any text may be passed.
    ///
    /// It counts only if its scheme (in any case), authority and path are the redirect URI's, with or without
    /// one trailing slash, and exactly one `state` is the attempt's own. Never fails, never blocks.
    pub fn deliver(&self, link: &str) -> Delivery {
        let mut hub = lock(&self.hub);
        let Some(pending) = &hub.pending else {
            return other(link);
        };
        let Some(query) = query(link, &pending.scheme) else {
            return Delivery::NotOurs;
        };
        let outcome = match callback::read(query, &pending.expected) {
            Ok(code) => Ok(code),
            Err(Rejection::Ends(error)) => Err(error),
            Err(Rejection::NotOurs) => {
                pending.notices.refused();
                return Delivery::NotOurs;
            }
            Err(Rejection::AnotherSignIn) => {
                pending.notices.another_sign_in();
                return Delivery::AnotherSignIn;
            }
        };
        // Single use (security.md 13, 17): the same link delivered twice finds no pending attempt.
        match hub.pending.take().map(|pending| pending.answer.send(outcome)) {
            Some(Ok(())) => Delivery::Taken,
            _ => other(link),
        }
    }

    /// Makes an attempt the pending one, in place of the previous one.
    pub(crate) fn expect(&self, scheme: Scheme, expected: Expected, notices: NoticeSender) -> LinkReceiver {
        let (sender, answer) = oneshot::channel();
        let mut hub = lock(&self.hub);
        hub.attempts += 1;
        let attempt = hub.attempts;
        hub.pending = Some(Pending {
            attempt,
            scheme,
            expected,
            notices,
            answer: sender,
        });
        LinkReceiver {
            attempt,
            hub: self.hub.clone(),
            answer,
        }
    }
}

impl LinkReceiver {
    /// The answer; [`CallbackError::Cancelled`] if a newer attempt has replaced this one.
    pub(crate) async fn answer(&mut self) -> Outcome {
        (&mut self.answer).await.unwrap_or(Err(CallbackError::Cancelled))
    }
}

impl Drop for LinkReceiver {
    fn drop(&mut self) {
        let mut hub = lock(&self.hub);
        if hub.pending.as_ref().is_some_and(|it| it.attempt == self.attempt) {
            hub.pending = None;
        }
    }
}

fn lock(hub: &Mutex<Hub>) -> MutexGuard<'_, Hub> {
    // After a panic under this lock no value is half written.
    hub.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The kind of a link that no attempt waits for.
fn other(link: &str) -> Delivery {
    let query = link
        .split_once('?')
        .filter(|_| plain(link))
        .map(|(_, query)| query);
    if query.is_some_and(callback::is_an_answer) {
        Delivery::AnotherSignIn
    } else {
        Delivery::NotOurs
    }
}

/// Whether a link consists of visible ASCII (RFC 3986 section 2) without a fragment, which is not part of an
/// answer.
fn plain(link: &str) -> bool {
    link.len() <= LINK_BYTES && link.bytes().all(|b| (0x21..=0x7e).contains(&b) && b != b'#')
}

/// The query of a link to exactly this redirect; `None` for any other link. Compared as text: only one
/// spelling is accepted, so it doesn't matter what a parser makes of others.
fn query<'a>(link: &'a str, redirect: &Scheme) -> Option<&'a str> {
    let (scheme, rest) = link.split_once(':').filter(|_| plain(link))?;
    if !scheme.eq_ignore_ascii_case(redirect.scheme()) {
        return None;
    }
    let (place, query) = rest.split_once('?')?;
    let without_slash = |place: &'a str| place.strip_suffix('/').unwrap_or(place);
    let ours = redirect.place();
    (without_slash(place) == ours.strip_suffix('/').unwrap_or(ours)).then_some(query)
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
