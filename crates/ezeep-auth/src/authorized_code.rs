//! The result of an answered attempt.

use secrecy::SecretString;

use crate::redirect::RedirectUri;

/// A code with the verifier and redirect of its attempt, for one [`OAuth::exchange`](crate::OAuth::exchange).
/// Has no `Debug`.
pub struct AuthorizedCode {
    pub(crate) code: SecretString,
    pub(crate) verifier: SecretString,
    pub(crate) redirect: RedirectUri,
}
