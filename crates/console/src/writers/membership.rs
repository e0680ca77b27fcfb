//! Writes one person's groups: read again, apply the delta, write the whole list, read back (security.md 50).
//! Must never write a list that was not read a moment before: the API replaces the list and has no ETag.
//!
//! What another admin commits between this read and this PATCH is overwritten by the PATCH; that window is
//! one round trip and can't be closed by a client. What they commit after it is found by the read-back and
//! reported.

use std::collections::HashSet;

use changes::Delta;
use ezeep_api::{Client, Error as ApiError, PrintUser};
use ids::{GroupId, UserId};

use crate::error::{AppError, ErrorCode};
use crate::faults::{NoToken, gone, is_gone};

/// Attempts at reading and writing a user while the server is too busy to process the write.
const TRIES: usize = 3;
/// Most repeated reads because the server asked for a wait between the read and the write. Nothing was sent
/// then, so that these do not count as attempts.
const HELD_BACK: usize = 8;

/// A user who was read, and written if needed.
#[derive(Debug, Clone)]
pub struct Written {
    /// The groups that the server had before our write.
    pub before: Vec<GroupId>,
    /// The server's last record of the user.
    pub now: PrintUser,
    /// Groups the user is in now that this write did not add: another admin wrote at the same time.
    pub appeared: Vec<GroupId>,
    /// Groups that this write added and that are missing now, for the same reason.
    pub vanished: Vec<GroupId>,
}

/// The scope of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Only this user or these groups.
    Person,
    /// Possibly all users: no connection, no token, a server error or too many requests. A request that is
    /// about no user decides.
    Everybody,
    /// The session speaks for another organization: nothing more may be sent (security.md 43).
    Organization,
}

/// A write that was sent and not read back.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The groups that the server had before.
    pub before: Vec<GroupId>,
    /// The groups that were sent.
    pub groups: Vec<GroupId>,
    /// The server's reply. Without one, only another read tells the outcome.
    pub reply: Option<PrintUser>,
}

impl Sent {
    /// The result by the server's reply, if there is one.
    pub fn as_replied(&self) -> Option<Written> {
        let reply = self.reply.clone()?;
        Some(compare(self.before.clone(), reply, &self.groups))
    }
}

/// Why a user was not written, or not read back.
#[derive(Debug, Clone)]
pub struct WriteError {
    /// The error.
    pub error: AppError,
    /// Its scope.
    pub scope: Scope,
    /// The groups that the server had before, if the user was read.
    pub before: Option<Vec<GroupId>>,
    /// The write, if one was sent whose read-back failed: it has to be read back, never sent again.
    pub sent: Option<Sent>,
    /// Groups that the write would have added and that no longer exist: the server refuses the whole list for
    /// one of them.
    pub gone_groups: Vec<GroupId>,
}

impl WriteError {
    /// A failure before any request.
    pub fn unsent(error: AppError, scope: Scope) -> Self {
        Self {
            error,
            scope,
            before: None,
            sent: None,
            gone_groups: Vec::new(),
        }
    }

    fn of_person(error: AppError, before: &[GroupId]) -> Self {
        Self {
            before: Some(before.to_vec()),
            ..Self::unsent(error, Scope::Person)
        }
    }
}

impl From<ApiError> for WriteError {
    fn from(error: ApiError) -> Self {
        let scope = scope(&error);
        Self::unsent(error.into(), scope)
    }
}

/// The scope of a failed call, by the kind of the error and not by its text.
fn scope(error: &ApiError) -> Scope {
    match error {
        ApiError::Token(unavailable) => match unavailable.0.downcast_ref::<NoToken>() {
            Some(NoToken::OtherOrganization | NoToken::AssumptionContradicted) => Scope::Organization,
            _ => Scope::Everybody,
        },
        ApiError::Connect { .. }
        | ApiError::Interrupted { .. }
        | ApiError::Timeout { .. }
        | ApiError::Certificate { .. }
        | ApiError::ProxyAuth
        | ApiError::HeldBack { .. }
        // The servers never redirect: a proxy or captive portal answers instead.
        | ApiError::Redirect { .. } => Scope::Everybody,
        ApiError::Malformed {
            content_type: Some(kind),
            ..
        } if kind.starts_with("text/html") => Scope::Everybody,
        ApiError::Status(status) if matches!(status.status, 401 | 429 | 500..) => Scope::Everybody,
        ApiError::Status(status) if status.is_of_proxy() => Scope::Everybody,
        _ => Scope::Person,
    }
}

/// Reads one user and writes the delta if the server does not have it yet. The caller holds the user's lock.
///
/// # Errors
/// [`ErrorCode::UserGone`] or [`ErrorCode::GroupGone`] if the server says so; [`ErrorCode::OutcomeUnknown`]
/// if the reply was lost and the read-back does not show the change. [`WriteError::sent`] is set if the
/// read-back failed: always without a reply; with a reply only if a later read-back may succeed, otherwise
/// the reply is the result.
pub async fn write(api: &Client, user: &UserId, delta: &Delta) -> Result<Written, WriteError> {
    let (mut tries, mut held_back) = (1, 0);
    let (has, want, reply) = loop {
        let before = api.print_user(user).await.map_err(unread)?;
        let has = before.groups.clone();
        let want = delta.applied_to(&has);
        if same(&has, &want) {
            return Ok(Written {
                before: has,
                now: before,
                appeared: Vec::new(),
                vanished: Vec::new(),
            });
        }
        match api.replace_groups(user, &want).await {
            Ok(reply) => break (has, want, Ok(reply)),
            Err(ApiError::OutcomeUnknown { source }) => break (has, want, Err(*source)),
            // A delayed list would be based on an old read: the user is read again. That read waits for the
            // server's `Retry-After`, or fails if it is long: then nothing was sent.
            Err(ApiError::HeldBack { .. }) if held_back < HELD_BACK => held_back += 1,
            Err(error) if error.is_transient() && tries < TRIES => tries += 1,
            Err(error) if scope(&error) != Scope::Person => {
                let error = WriteError::from(error);
                return Err(WriteError {
                    before: Some(has),
                    ..error
                });
            }
            Err(error) => return Err(refusal(api, error, delta, &has).await),
        }
    };
    // The reply describes what the server made of our list; only another read tells what is stored now.
    let now = match (api.print_user(user).await, &reply) {
        (Ok(now), _) => now,
        (Err(error), Ok(reply)) if scope(&error) != Scope::Everybody => reply.clone(),
        (Err(error), reply) => {
            let scope = scope(&error);
            let error = match reply {
                Ok(_) => error.into(),
                Err(_) => AppError::new(ErrorCode::OutcomeUnknown).with_detail(error.to_string()),
            };
            return Err(WriteError {
                before: Some(has.clone()),
                sent: Some(Sent {
                    before: has,
                    groups: want,
                    reply: reply.as_ref().ok().cloned(),
                }),
                ..WriteError::unsent(error, scope)
            });
        }
    };
    match reply {
        Err(source) if !delta.is_met_by(&now.groups) => {
            let error = match source.status() {
                Some(status) if status.status >= 500 => source.into(),
                _ => ErrorCode::OutcomeUnknown.into(),
            };
            Err(WriteError::of_person(error, &has))
        }
        _ => Ok(compare(has, now, &want)),
    }
}

/// Reads back a user whose write was not read back ([`WriteError::sent`]). A write without a reply counts as
/// made if the server shows it now. Writes nothing. The caller holds the user's lock.
///
/// # Errors
/// [`ErrorCode::OutcomeUnknown`] if there was no reply and the server does not show the change; otherwise as
/// [`write()`].
pub async fn read_back(
    api: &Client,
    user: &UserId,
    delta: &Delta,
    sent: &Sent,
) -> Result<Written, WriteError> {
    let now = api.print_user(user).await.map_err(unread)?;
    match sent.reply.is_some() || delta.is_met_by(&now.groups) {
        true => Ok(compare(sent.before.clone(), now, &sent.groups)),
        false => Err(WriteError::of_person(
            ErrorCode::OutcomeUnknown.into(),
            &sent.before,
        )),
    }
}

/// Whether the servers answer a small request that is about no user.
///
/// # Errors
/// The failure of that request, if it concerns all users.
pub async fn reachable(api: &Client) -> Result<(), WriteError> {
    match api.groups_page(0, 1).await.map_err(WriteError::from) {
        Err(error) if error.scope != Scope::Person => Err(error),
        _ => Ok(()),
    }
}

fn unread(error: ApiError) -> WriteError {
    let scope = scope(&error);
    WriteError::unsent(gone(error, ErrorCode::UserGone), scope)
}

fn compare(before: Vec<GroupId>, now: PrintUser, want: &[GroupId]) -> Written {
    let missing_in = |a: &[GroupId], b: &[GroupId]| {
        let there: HashSet<_> = b.iter().collect();
        a.iter().filter(|group| !there.contains(group)).cloned().collect()
    };
    Written {
        appeared: missing_in(&now.groups, want),
        vanished: missing_in(want, &now.groups),
        before,
        now,
    }
}

fn same(a: &[GroupId], b: &[GroupId]) -> bool {
    a.len() == b.len() && a.iter().collect::<HashSet<_>>() == b.iter().collect::<HashSet<_>>()
}

/// The error of a refused list. The refusal does not name the group: each added group is looked up. If that
/// fails, that failure is the error: nothing was written, and the list can be sent again.
async fn refusal(api: &Client, error: ApiError, delta: &Delta, before: &[GroupId]) -> WriteError {
    let mut gone_groups = Vec::new();
    if error.status().is_some_and(|status| status.status == 400) {
        for group in &delta.add {
            match api.group(group).await {
                Err(error) if is_gone(&error) => gone_groups.push(group.clone()),
                Err(error) if scope(&error) != Scope::Person => {
                    let error = WriteError::from(error);
                    return WriteError {
                        before: Some(before.to_vec()),
                        ..error
                    };
                }
                _ => {}
            }
        }
    }
    let error = match gone_groups.is_empty() {
        true => gone(error, ErrorCode::UserGone),
        false => ErrorCode::GroupGone.into(),
    };
    WriteError {
        gone_groups,
        ..WriteError::of_person(error, before)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Scope, scope, unread};
    use crate::error::ErrorCode;
    use crate::faults::NoToken;
    use ezeep_api::{BodyKind, Error as ApiError, StatusError, TokenUnavailable};

    #[test]
    fn what_everybody_would_meet_is_told_from_what_is_about_one_person() {
        let host = || "api2.ezeep.com".to_owned();
        let html = |kind: &str| ApiError::Malformed {
            why: ezeep_api::Fault::NotJson,
            content_type: Some(kind.to_owned()),
        };
        let everybody = [
            ApiError::Connect {
                host: host(),
                source: "x".into(),
            },
            ApiError::Interrupted {
                host: host(),
                source: "x".into(),
            },
            ApiError::Timeout { host: host() },
            ApiError::ProxyAuth,
            ApiError::HeldBack {
                retry_after: Duration::from_secs(1),
            },
            ApiError::Redirect { status: 302 },
            html("text/html; charset=utf-8"),
        ];
        for error in everybody {
            assert_eq!(scope(&error), Scope::Everybody, "{error:?}");
        }
        for error in [ApiError::TooLarge { limit: 1 }, html("application/json")] {
            assert_eq!(scope(&error), Scope::Person, "{error:?}");
        }
    }

    fn status(status: u16, body_kind: BodyKind) -> ApiError {
        ApiError::Status(Box::new(StatusError {
            status,
            code: None,
            detail: None,
            fields: std::collections::BTreeMap::new(),
            body: String::new(),
            request_id: None,
            retry_after: None,
            body_kind,
            of_list: false,
        }))
    }

    /// A proxy's own page tells nothing about the requested user.
    #[test]
    fn a_web_page_is_everybodys_whatever_its_status_and_says_of_nobody_that_they_are_gone() {
        for code in [403, 404, 451] {
            let failed = unread(status(code, BodyKind::Html));
            assert_eq!(failed.scope, Scope::Everybody, "{code}");
            assert_eq!(failed.error.code, ErrorCode::PortalInTheWay, "{code}");
        }
        let failed = unread(status(404, BodyKind::Json));
        assert_eq!(failed.scope, Scope::Person);
        assert_eq!(failed.error.code, ErrorCode::UserGone);
    }

    /// security.md 43: nothing more may be sent.
    #[test]
    fn an_answer_of_another_organization_is_about_the_organization() {
        let token = |why| ApiError::Token(TokenUnavailable(Box::new(why)));
        for why in [NoToken::OtherOrganization, NoToken::AssumptionContradicted] {
            assert_eq!(scope(&token(why)), Scope::Organization);
        }
    }
}
