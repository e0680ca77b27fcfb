//! The configuration of a sign-in: account server, Client ID, redirect, scopes, limits. Owns their validity,
//! so that later code need not check them. Must never contain a secret.

use std::fmt;
use std::time::Duration;

use ezeep_http::is_this_computer;
use url::Url;

use crate::redirect::RedirectUri;

/// A setting that can't be used, named so that the user can correct it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The Client ID is empty, longer than 200 characters, or contains characters other than printable ASCII.
    #[error("a Client ID has 1 to 200 printable ASCII characters")]
    ClientId,
    /// A scope contains a character that RFC 6749 section 3.3 does not allow.
    #[error("a scope may not hold quotes, backslashes or control characters")]
    Scope,
    /// The account URL is neither https nor http to this computer (security.md 20).
    #[error("the account server must be https; http is for localhost, 127.0.0.1 and [::1] alone")]
    AccountNotHttps,
    /// The account URL contains more than an origin: a path, a query, a fragment or credentials.
    #[error("the account server is given as https://HOST[:PORT], without a path, query or user name")]
    AccountNotOrigin,
}

/// The Client ID that the vendor issued: 1 to 200 printable ASCII characters, not a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientId(String);

impl ClientId {
    /// The id as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClientId {
    type Error = ConfigError;

    fn try_from(id: String) -> Result<Self, ConfigError> {
        let printable = id.bytes().all(|b| (0x20..=0x7e).contains(&b));
        if id.is_empty() || id.len() > 200 || !printable {
            return Err(ConfigError::ClientId);
        }
        Ok(Self(id))
    }
}

impl TryFrom<&str> for ClientId {
    type Error = ConfigError;

    fn try_from(id: &str) -> Result<Self, ConfigError> {
        Self::try_from(id.to_owned())
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The scopes of a request or a grant, in the given order (RFC 6749 section 3.3). May be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Each scope.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<&str> for Scopes {
    type Error = ConfigError;

    fn try_from(text: &str) -> Result<Self, ConfigError> {
        let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        let scopes: Vec<String> = text.split_ascii_whitespace().map(str::to_owned).collect();
        if !scopes.iter().all(|scope| scope.bytes().all(allowed)) {
            return Err(ConfigError::Scope);
        }
        Ok(Self(scopes))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// How a public client identifies itself at the token endpoint (security.md 21, RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientAuthentication {
    /// `Authorization: Basic base64("id:")`: as the vendor documents.
    #[default]
    BasicEmptySecret,
    /// `client_id` in the form body.
    Body,
}

/// Limits of time and size for a request to the account server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the first byte to the last of one token request or revocation. Default 20 s.
    pub request: Duration,
    /// The largest reply that is read, in bytes (security.md 22). Default 64 KiB.
    pub reply_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(20),
            reply_bytes: 64 * 1024,
        }
    }
}

/// The configuration of a sign-in.
#[derive(Debug, Clone)]
pub struct OAuthConfig {
    /// The account server's origin: https, or http to this computer.
    pub account: Url,
    /// The vendor's id for this app.
    pub client_id: ClientId,
    /// The redirect URI, byte for byte as registered.
    pub redirect: RedirectUri,
    /// The requested scopes.
    pub scopes: Scopes,
    /// How the client identifies itself.
    pub client_authentication: ClientAuthentication,
    /// Time and size limits.
    pub limits: Limits,
}

impl OAuthConfig {
    /// Checks what the types can't: the account server's URL.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let account = &self.account;
        let secure = match account.scheme() {
            "https" => account.host_str().is_some(),
            "http" => is_this_computer(account),
            _ => false,
        };
        if !secure {
            return Err(ConfigError::AccountNotHttps);
        }
        let bare = account.path() == "/"
            && account.query().is_none()
            && account.fragment().is_none()
            && account.username().is_empty()
            && account.password().is_none();
        if bare {
            Ok(())
        } else {
            Err(ConfigError::AccountNotOrigin)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(account: &str) -> OAuthConfig {
        OAuthConfig {
            account: Url::parse(account).unwrap(),
            client_id: ClientId::try_from("id").unwrap(),
            redirect: RedirectUri::try_from("http://localhost:8080/oauth/callback").unwrap(),
            scopes: Scopes::try_from("printing").unwrap(),
            client_authentication: ClientAuthentication::default(),
            limits: Limits::default(),
        }
    }

    #[test]
    fn a_client_id_is_one_to_200_printable_ascii_characters() {
        assert!(ClientId::try_from("78KYzeX5wS8r0FYz9KdvNt9xHMRA61PJK80IHwNj").is_ok());
        assert!(ClientId::try_from("x".repeat(200)).is_ok());
        for bad in ["", "é", "a\nb", &"x".repeat(201)] {
            assert_eq!(ClientId::try_from(bad), Err(ConfigError::ClientId));
        }
    }

    #[test]
    fn scopes_keep_their_order_and_refuse_what_the_grammar_forbids() {
        let scopes = Scopes::try_from("  printing   printing.printers.readonly ").unwrap();
        assert_eq!(scopes.to_string(), "printing printing.printers.readonly");
        assert!(Scopes::try_from("").unwrap().is_empty());
        for bad in ["a\"b", "a\\b", "dr\u{fc}cken", "a\u{1}"] {
            assert_eq!(Scopes::try_from(bad), Err(ConfigError::Scope), "{bad}");
        }
    }

    /// security.md 20: https only, http for this computer only.
    #[test]
    fn an_account_server_is_an_https_origin_or_a_loopback_one() {
        for good in [
            "https://account.ezeep.com",
            "http://localhost:9",
            "http://127.0.0.1:9/",
            "http://[::1]:9",
        ] {
            assert_eq!(config(good).check(), Ok(()), "{good}");
        }
        for bad in [
            "http://account.ezeep.com",
            "http://127.0.0.1.evil.example",
            "http://127.0.0.2",
            "ftp://localhost",
            "data:x",
        ] {
            assert_eq!(config(bad).check(), Err(ConfigError::AccountNotHttps), "{bad}");
        }
        for bad in [
            "https://a.example/x",
            "https://a.example/?q",
            "https://a.example/#f",
            "https://u@a.example",
        ] {
            assert_eq!(config(bad).check(), Err(ConfigError::AccountNotOrigin), "{bad}");
        }
    }
}
