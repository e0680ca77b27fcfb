//! The addresses of the two servers, and the URLs below them. Owns the rule which addresses may be
//! configured. Must never build a URL outside the two configured bases (security.md 45).

use ezeep_http::is_this_computer;
use url::Url;

/// One of the two servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Server {
    /// Accounts, organizations, invitations.
    Account,
    /// Groups, memberships, print settings, printers.
    Printing,
}

impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Account => "account server",
            Self::Printing => "printing server",
        })
    }
}

/// Why an address can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndpointProblem {
    /// The scheme is neither https nor http.
    #[error("it must begin with https://")]
    Scheme,
    /// Plain http to a host that is not this computer (security.md 20).
    #[error("http is only for localhost, 127.0.0.1 and [::1]; any other host needs https")]
    NotThisComputer,
    /// It contains a user name or a password.
    #[error("it must not hold a user name or a password")]
    UserInfo,
    /// It contains a query or a fragment.
    #[error("it must not hold a query or a fragment")]
    QueryOrFragment,
}

/// An address that can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {server}'s address can't be used: {problem}")]
pub struct EndpointError {
    /// The server whose address it is.
    pub server: Server,
    /// The reason.
    pub problem: EndpointProblem,
}

/// The base URLs of the two servers, validated: https, or http to this computer; only scheme, host, port and
/// path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    account: Url,
    printing: Url,
}

impl Endpoints {
    /// Takes the base URL of the account server (`https://account.ezeep.com`) and of the printing server, up
    /// to and including `/printing/v1`.
    ///
    /// # Errors
    /// [`EndpointError`] with the first address that can't be used (security.md 20, 45).
    pub fn new(account: Url, printing: Url) -> Result<Self, EndpointError> {
        check(&account).map_err(|problem| EndpointError {
            server: Server::Account,
            problem,
        })?;
        check(&printing).map_err(|problem| EndpointError {
            server: Server::Printing,
            problem,
        })?;
        Ok(Self { account, printing })
    }

    /// The account server's base URL, as configured.
    pub fn account(&self) -> &Url {
        &self.account
    }

    /// The printing server's base URL, as configured.
    pub fn printing(&self) -> &Url {
        &self.printing
    }

    /// A URL below a server's base: the segments in order, each escaped as one segment.
    pub(crate) fn url(&self, server: Server, segments: &[&str]) -> Url {
        let mut url = match server {
            Server::Account => self.account.clone(),
            Server::Printing => self.printing.clone(),
        };
        // http and https URLs always have path segments; `check` accepts no others.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Whether the token may be sent to this URL: its origin is one of the two (security.md 45).
    pub(crate) fn covers(&self, url: &Url) -> bool {
        let clean = url.username().is_empty() && url.password().is_none();
        clean && (url.origin() == self.account.origin() || url.origin() == self.printing.origin())
    }
}

fn check(url: &Url) -> Result<(), EndpointProblem> {
    match url.scheme() {
        "https" => {}
        "http" if is_this_computer(url) => {}
        "http" => return Err(EndpointProblem::NotThisComputer),
        _ => return Err(EndpointProblem::Scheme),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointProblem::UserInfo);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(EndpointProblem::QueryOrFragment);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{EndpointProblem, Endpoints, Server};
    use url::Url;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn problem(text: &str) -> Option<EndpointProblem> {
        Endpoints::new(url("https://account.ezeep.com"), url(text))
            .err()
            .map(|e| {
                assert_eq!(e.server, Server::Printing);
                e.problem
            })
    }

    /// security.md 20, 45
    #[test]
    fn http_is_for_this_computer_only() {
        for good in [
            "http://localhost:1/x",
            "http://127.0.0.1:1",
            "http://[::1]:1",
            "https://api2.ezeep.com/printing/v1",
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in [
            "http://api2.ezeep.com",
            "http://127.0.0.2",
            "http://10.0.0.1",
            "http://localhost.evil.example",
            "http://[::2]",
        ] {
            assert_eq!(problem(bad), Some(EndpointProblem::NotThisComputer), "{bad}");
        }
        for bad in [
            "ftp://localhost",
            "file:///etc/passwd",
            "data:text/plain,x",
            "mailto:a@b.example",
        ] {
            assert_eq!(problem(bad), Some(EndpointProblem::Scheme), "{bad}");
        }
    }

    #[test]
    fn nothing_but_scheme_host_port_and_path() {
        assert_eq!(problem("https://u@h.example"), Some(EndpointProblem::UserInfo));
        assert_eq!(problem("https://:p@h.example"), Some(EndpointProblem::UserInfo));
        assert_eq!(
            problem("https://h.example?x=1"),
            Some(EndpointProblem::QueryOrFragment)
        );
        assert_eq!(
            problem("https://h.example#x"),
            Some(EndpointProblem::QueryOrFragment)
        );
    }

    #[test]
    fn urls_are_built_below_the_base_with_or_without_its_slash() {
        for base in ["https://h.example/printing/v1", "https://h.example/printing/v1/"] {
            let endpoints = Endpoints::new(url("https://a.example"), url(base)).unwrap();
            assert_eq!(
                endpoints.url(Server::Printing, &["groups", "x", ""]).as_str(),
                "https://h.example/printing/v1/groups/x/"
            );
            assert_eq!(
                endpoints.url(Server::Account, &["v1", "users", "me"]).as_str(),
                "https://a.example/v1/users/me"
            );
        }
    }

    /// security.md 45
    #[test]
    fn only_the_two_origins_are_covered() {
        let endpoints =
            Endpoints::new(url("https://a.example"), url("https://b.example/printing/v1")).unwrap();
        assert!(endpoints.covers(&url("https://b.example/other")));
        for other in [
            "http://b.example/",
            "https://b.example:8443/",
            "https://u@b.example/",
            "https://b.example.evil.example/",
        ] {
            assert!(!endpoints.covers(&url(other)), "{other}");
        }
    }
}
