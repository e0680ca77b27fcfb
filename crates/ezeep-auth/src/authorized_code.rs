//! What an attempt that was answered brings.

use secrecy::SecretString;

use crate::redirect::RedirectUri;

/// A code with the verifier and redirect of its attempt: good for one [`OAuth::exchange`](crate::OAuth::exchange). Has no Debug.
pub struct AuthorizedCode {
    pub(crate) code: SecretString,
    pub(crate) verifier: SecretString,
    pub(crate) redirect: RedirectUri,
}
