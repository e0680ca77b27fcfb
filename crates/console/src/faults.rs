//! Maps the errors of the API client and of the sign-in to the error type of the UI. Owns the mapping, and no
//! texts.

use std::time::{SystemTime, UNIX_EPOCH};

use ezeep_api::{BodyKind, Error as ApiError, StatusError};
use ezeep_auth::{
    BeginError, CallbackError, MalformedReply, PairingError, SessionError, StoreError, TokenError,
};

use ezeep_http::CertificateFault;

use crate::error::{AppError, ErrorCode};
use crate::host::OpenError;
use crate::wire::KeychainState;

/// Why no token of an organization was handed out; carried in [`ezeep_api::TokenUnavailable`].
#[derive(Debug, thiserror::Error)]
pub enum NoToken {
    /// The session could not give one.
    #[error("no token: {0}")]
    Session(#[from] SessionError),
    /// The session speaks for another organization now (security.md 43).
    #[error("the session speaks for another organization")]
    OtherOrganization,
    /// The token names no organization, and the server's answer belongs to another one (security.md 44).
    #[error("the answer is another organization's")]
    AssumptionContradicted,
}

impl From<ApiError> for AppError {
    fn from(error: ApiError) -> Self {
        let detail = error.to_string();
        match error {
            ApiError::Token(unavailable) => match unavailable.0.downcast::<NoToken>() {
                Ok(no_token) => match *no_token {
                    NoToken::Session(session) => session.into(),
                    NoToken::OtherOrganization => ErrorCode::OrganizationChanged.into(),
                    NoToken::AssumptionContradicted => ErrorCode::WrongOrganization.into(),
                },
                Err(_) => AppError::new(ErrorCode::Internal).with_detail(detail),
            },
            ApiError::Connect { host, .. } | ApiError::Interrupted { host, .. } => {
                AppError::new(ErrorCode::Offline { host }).with_detail(detail)
            }
            ApiError::Timeout { host, .. } => ErrorCode::TimedOut { host }.into(),
            ApiError::Certificate { host, fault, .. } => {
                AppError::new(certificate(host, fault)).with_detail(detail)
            }
            ApiError::ProxyAuth => ErrorCode::ProxyAuthRequired.into(),
            ApiError::Status(status) => from_status(*status),
            ApiError::HeldBack { retry_after } => ErrorCode::RateLimited {
                seconds: Some(seconds(retry_after)),
            }
            .into(),
            ApiError::Unsendable { .. } => AppError::new(ErrorCode::Internal).with_detail(detail),
            ApiError::OutcomeUnknown { .. } => AppError::new(ErrorCode::OutcomeUnknown).with_detail(detail),
            // The servers answer JSON and never redirect: a proxy or captive portal answers instead.
            ApiError::Redirect { .. } => AppError::new(ErrorCode::PortalInTheWay).with_detail(detail),
            ApiError::Malformed {
                content_type: Some(kind),
                ..
            } if kind.starts_with("text/html") => {
                AppError::new(ErrorCode::PortalInTheWay).with_detail(detail)
            }
            _ => AppError::new(ErrorCode::ReplyUnexpected).with_detail(detail),
        }
    }
}

/// The code for a refused certificate: one for each cause.
fn certificate(host: String, fault: CertificateFault) -> ErrorCode {
    match fault {
        CertificateFault::Expired { until, clock } => ErrorCode::CertificateExpired {
            host,
            until: until.map(millis),
            clock: millis(clock),
        },
        CertificateFault::NotYetValid { from, clock } => ErrorCode::CertificateNotYetValid {
            host,
            from: from.map(millis),
            clock: millis(clock),
        },
        CertificateFault::ClockWrong { clock } => ErrorCode::ClockWrong {
            host,
            clock: millis(clock),
        },
        CertificateFault::OtherName => ErrorCode::CertificateOtherName { host },
        CertificateFault::Untrusted => ErrorCode::CertificateUntrusted { host },
    }
}

/// Milliseconds since 1970 (UTC); a time before that is 0.
fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Whole seconds, rounded up.
fn seconds(wait: std::time::Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}

fn from_status(error: StatusError) -> AppError {
    let field = error.fields.iter().next();
    let code = match (error.status, field) {
        (401, _) if !error.is_of_proxy() => ErrorCode::SessionEnded,
        (403, _) => forbidden(&error),
        (429, _) => ErrorCode::RateLimited {
            seconds: error.retry_after.map(seconds),
        },
        (500.., _) => ErrorCode::ServerFailed { status: error.status },
        _ if error.body_kind == BodyKind::Html => ErrorCode::PortalInTheWay,
        // From a gateway that found no server, or a truncated answer.
        _ if error.is_of_proxy() => ErrorCode::ServerFailed { status: error.status },
        // Users never fill in the organization: the token speaks for another one.
        (_, Some((field, _))) if field == "organization_id" => ErrorCode::WrongOrganization,
        (_, Some((field, _))) => ErrorCode::ValueRefused { field: field.clone() },
        _ => ErrorCode::ChangeRefused { status: error.status },
    };
    let words = error
        .detail
        .clone()
        .or_else(|| field.map(|(_, messages)| messages.join(" ")))
        .unwrap_or_else(|| error.body.clone());
    let mut app = AppError::new(code).with_detail(words);
    app.request_id = error.request_id;
    app
}

/// The API's own JSON says, for a list of the organization, that the user is no admin. A web page comes from
/// a proxy, and a 403 for one object or one change does not mean that the user is no admin.
fn forbidden(error: &StatusError) -> ErrorCode {
    match error.body_kind {
        BodyKind::Html => ErrorCode::PortalInTheWay,
        BodyKind::Json if error.of_list => ErrorCode::NotAdmin,
        BodyKind::Json | BodyKind::Other => ErrorCode::Forbidden { status: error.status },
    }
}

impl From<TokenError> for AppError {
    fn from(error: TokenError) -> Self {
        let detail = error.to_string();
        let code = match error {
            TokenError::InvalidClient => ErrorCode::ClientIdUnknown,
            TokenError::InvalidGrant => ErrorCode::SessionEnded,
            TokenError::InvalidScope => ErrorCode::ScopeRefused,
            TokenError::RateLimited { retry_after } => ErrorCode::RateLimited {
                seconds: retry_after.map(seconds),
            },
            TokenError::Server { status } => ErrorCode::ServerFailed { status },
            TokenError::Connect { host } => ErrorCode::Offline { host },
            TokenError::Timeout { host }
            | TokenError::LostReply {
                host,
                timed_out: true,
            } => ErrorCode::TimedOut { host },
            TokenError::LostReply {
                host,
                timed_out: false,
            } => ErrorCode::Offline { host },
            TokenError::Certificate { host, fault } => certificate(host, fault),
            TokenError::ProxyAuth => ErrorCode::ProxyAuthRequired,
            TokenError::Redirected
            | TokenError::Malformed {
                why: MalformedReply::NotJson,
            } => ErrorCode::PortalInTheWay,
            TokenError::OAuth { .. } | TokenError::Refused { .. } => ErrorCode::SignInRefused,
            _ => ErrorCode::ReplyUnexpected,
        };
        AppError::new(code).with_detail(detail)
    }
}

/// The keychain's state, from a failed call.
pub fn keychain_state(error: &StoreError) -> KeychainState {
    match error {
        StoreError::Absent { .. } | StoreError::Unavailable { .. } => KeychainState::Unusable,
        StoreError::Locked { .. } => KeychainState::Locked,
        StoreError::NoKeyring => KeychainState::NoKeyring,
        StoreError::TimedOut => KeychainState::Unresponsive,
        _ => KeychainState::Refusing,
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Busy => return ErrorCode::SessionBusy.into(),
            StoreError::NoLock { folder, .. } => {
                let folder = folder.display().to_string();
                return AppError::new(ErrorCode::FileNotWritten { folder }).with_detail(error.to_string());
            }
            _ => {}
        }
        let code = match keychain_state(&error) {
            KeychainState::Locked => ErrorCode::KeychainLocked,
            KeychainState::NoKeyring => ErrorCode::NoKeyring,
            KeychainState::Unresponsive => ErrorCode::KeychainUnresponsive,
            KeychainState::Refusing => ErrorCode::KeychainRefused,
            _ => ErrorCode::KeychainUnavailable,
        };
        AppError::new(code).with_detail(error.to_string())
    }
}

impl From<SessionError> for AppError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Ended(_) => ErrorCode::SessionEnded.into(),
            SessionError::Token(error) => error.into(),
            SessionError::Store(error) => error.into(),
            SessionError::WrongOrganization { .. } => ErrorCode::SwitchRefused.into(),
            other => AppError::new(ErrorCode::Internal).with_detail(other.to_string()),
        }
    }
}

impl From<OpenError> for AppError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Missing { program } => ErrorCode::BrowserOpenerMissing { program }.into(),
            OpenError::Failed { program, status } => {
                ErrorCode::BrowserOpenerFailed { program, status }.into()
            }
            OpenError::Other(words) => AppError::new(ErrorCode::BrowserFailed).with_detail(words),
        }
    }
}

impl From<BeginError> for AppError {
    fn from(error: BeginError) -> Self {
        let detail = error.to_string();
        match error {
            BeginError::PortBusy { port } => ErrorCode::PortBusy { port }.into(),
            _ => AppError::new(ErrorCode::ListenFailed).with_detail(detail),
        }
    }
}

impl From<PairingError> for AppError {
    fn from(error: PairingError) -> Self {
        match error {
            PairingError::Refused => ErrorCode::PairingRefused.into(),
            PairingError::Expired => ErrorCode::PairingExpired.into(),
            PairingError::Cancelled => ErrorCode::Cancelled.into(),
            PairingError::Token(error) => error.into(),
        }
    }
}

impl From<CallbackError> for AppError {
    fn from(error: CallbackError) -> Self {
        match error {
            CallbackError::TimedOut => ErrorCode::SignInTimedOut.into(),
            CallbackError::Cancelled => ErrorCode::Cancelled.into(),
            CallbackError::Denied { error, description } => {
                let code = match error.as_str() {
                    "access_denied" => ErrorCode::ConsentRefused,
                    "invalid_scope" => ErrorCode::ScopeRefused,
                    "unauthorized_client" => ErrorCode::ClientIdUnknown,
                    _ => ErrorCode::SignInRefused,
                };
                AppError::new(code).with_detail(description.unwrap_or(error))
            }
            other => AppError::new(ErrorCode::SignInRefused).with_detail(other.to_string()),
        }
    }
}

/// Whether the API's JSON says that something does not exist. A 404 with any other body comes from a proxy.
pub fn is_gone(error: &ApiError) -> bool {
    matches!(error, ApiError::Status(status) if status.status == 404 && !status.is_of_proxy())
}

/// The error of a reply: `code` if the thing does not exist.
pub fn gone(error: ApiError, code: ErrorCode) -> AppError {
    match &error {
        ApiError::Status(status) if is_gone(&error) => {
            let mut app = AppError::new(code);
            app.request_id = status.request_id.clone();
            app
        }
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use ezeep_api::Error as ApiError;
    use ezeep_auth::{BeginError, CallbackError, SessionError, TokenError};
    use ezeep_http::CertificateFault;

    use crate::error::{AppError, ErrorCode};

    const HOST: &str = "account.ezeep.com";

    fn host() -> String {
        HOST.to_owned()
    }

    fn cause() -> ezeep_api::Cause {
        "the system's words".into()
    }

    #[test]
    fn what_the_network_does_gets_a_code_of_its_own() {
        let cases = [
            (
                ApiError::Connect {
                    host: host(),
                    source: cause(),
                },
                ErrorCode::Offline { host: host() },
            ),
            (
                ApiError::Interrupted {
                    host: host(),
                    source: cause(),
                },
                ErrorCode::Offline { host: host() },
            ),
            (
                ApiError::Timeout { host: host() },
                ErrorCode::TimedOut { host: host() },
            ),
            (
                ApiError::Certificate {
                    host: host(),
                    fault: CertificateFault::Untrusted,
                    source: cause(),
                },
                ErrorCode::CertificateUntrusted { host: host() },
            ),
            (ApiError::ProxyAuth, ErrorCode::ProxyAuthRequired),
            (
                ApiError::HeldBack {
                    retry_after: Duration::from_millis(1_200),
                },
                ErrorCode::RateLimited { seconds: Some(2) },
            ),
            (ApiError::Redirect { status: 302 }, ErrorCode::PortalInTheWay),
            (ApiError::TooLarge { limit: 1 }, ErrorCode::ReplyUnexpected),
        ];
        for (error, code) in cases {
            let told = AppError::from(error);
            assert_eq!(told.code, code);
        }
    }

    /// The same codes for the clients of both servers.
    #[test]
    fn each_cause_of_a_refused_certificate_gets_a_code_of_its_own_with_its_dates() {
        let day = |n: u64| UNIX_EPOCH + Duration::from_secs(n * 86_400);
        let ms = |n: i64| n * 86_400_000;
        let (host, clock) = (host(), day(20));
        let cases = [
            (
                CertificateFault::Expired {
                    until: Some(day(10)),
                    clock,
                },
                ErrorCode::CertificateExpired {
                    host: host.clone(),
                    until: Some(ms(10)),
                    clock: ms(20),
                },
            ),
            (
                CertificateFault::NotYetValid { from: None, clock },
                ErrorCode::CertificateNotYetValid {
                    host: host.clone(),
                    from: None,
                    clock: ms(20),
                },
            ),
            (
                CertificateFault::ClockWrong { clock },
                ErrorCode::ClockWrong {
                    host: host.clone(),
                    clock: ms(20),
                },
            ),
            (
                CertificateFault::OtherName,
                ErrorCode::CertificateOtherName { host: host.clone() },
            ),
            (
                CertificateFault::Untrusted,
                ErrorCode::CertificateUntrusted { host: host.clone() },
            ),
        ];
        for (fault, code) in cases {
            let by_api = ApiError::Certificate {
                host: host.clone(),
                fault,
                source: cause(),
            };
            assert_eq!(AppError::from(by_api).code, code);
            let by_sign_in = TokenError::Certificate {
                host: host.clone(),
                fault,
            };
            assert_eq!(AppError::from(by_sign_in).code, code);
        }
    }

    #[test]
    fn what_a_sign_in_meets_gets_a_code_of_its_own() {
        let denied = |error: &str| CallbackError::Denied {
            error: error.to_owned(),
            description: None,
        };
        let cases: [(AppError, ErrorCode); 12] = [
            (
                TokenError::Connect { host: host() }.into(),
                ErrorCode::Offline { host: host() },
            ),
            (
                TokenError::Timeout { host: host() }.into(),
                ErrorCode::TimedOut { host: host() },
            ),
            (
                TokenError::Certificate {
                    host: host(),
                    fault: CertificateFault::Untrusted,
                }
                .into(),
                ErrorCode::CertificateUntrusted { host: host() },
            ),
            (TokenError::ProxyAuth.into(), ErrorCode::ProxyAuthRequired),
            (TokenError::Redirected.into(), ErrorCode::PortalInTheWay),
            (
                TokenError::LostReply {
                    host: host(),
                    timed_out: true,
                }
                .into(),
                ErrorCode::TimedOut { host: host() },
            ),
            (CallbackError::TimedOut.into(), ErrorCode::SignInTimedOut),
            (denied("access_denied").into(), ErrorCode::ConsentRefused),
            (denied("invalid_scope").into(), ErrorCode::ScopeRefused),
            (denied("server_error").into(), ErrorCode::SignInRefused),
            (
                BeginError::PortBusy { port: 8080 }.into(),
                ErrorCode::PortBusy { port: 8080 },
            ),
            (
                SessionError::WrongOrganization {
                    asked: ids::OrganizationId::try_from("a").unwrap(),
                    got: ids::OrganizationId::try_from("b").unwrap(),
                }
                .into(),
                ErrorCode::SwitchRefused,
            ),
        ];
        for (told, code) in cases {
            assert_eq!(told.code, code);
        }
    }
}
