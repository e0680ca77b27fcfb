//! What a server refuses, and in which words: request for request at both servers, so that the simulated
//! cloud can't be kinder, harsher or otherwise worded than a server that others wrote by the same RFCs.

use std::time::Duration;

use ezeep_auth::ClientAuthentication;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use crate::servers::{Server, Which};

/// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const OTHER_VERIFIER: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const TOKEN: &str = "oauth/access_token/";
const REVOKE: &str = "oauth/revoke/";

/// A status, and the error's code where the reply holds one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    status: u16,
    error: String,
}

/// A person with a client of their own making.
struct Client<'a> {
    server: &'a Server,
    authentication: ClientAuthentication,
    http: reqwest::Client,
}

impl<'a> Client<'a> {
    fn new(server: &'a Server, authentication: ClientAuthentication) -> Self {
        Self {
            server,
            authentication,
            http: resilience::browser::browser().unwrap(),
        }
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (Said, Value) {
        self.post_as(Some(self.server.client_id()), path, fields).await
    }

    async fn post_as(&self, id: Option<&str>, path: &str, fields: &[(&str, &str)]) -> (Said, Value) {
        let mut fields = fields.to_vec();
        let mut request = self.http.post(self.server.account.join(path).unwrap());
        match (id, self.authentication) {
            (Some(id), ClientAuthentication::BasicEmptySecret) => request = request.basic_auth(id, Some("")),
            (Some(id), ClientAuthentication::Body) => fields.push(("client_id", id)),
            (None, _) => {}
        }
        let reply = request.form(&fields).send().await.unwrap();
        let status = reply.status().as_u16();
        let body: Value = serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap_or_default();
        let error = body["error"].as_str().unwrap_or_default().to_owned();
        (Said { status, error }, body)
    }

    fn link(&self, changes: &[(&str, Option<&str>)]) -> Url {
        let mut pairs = vec![
            ("response_type", Some("code")),
            ("client_id", Some(self.server.client_id())),
            ("redirect_uri", Some(self.server.redirect.as_str())),
            ("scope", Some("printing")),
            ("state", Some("a-state")),
            ("code_challenge", Some(CHALLENGE)),
            ("code_challenge_method", Some("S256")),
        ];
        for (name, value) in changes {
            pairs.retain(|(other, _)| other != name);
            pairs.push((name, *value));
        }
        let mut link = self.server.account.join("oauth/authorize/").unwrap();
        for (name, value) in pairs {
            if let Some(value) = value {
                link.query_pairs_mut().append_pair(name, value);
            }
        }
        link
    }

    async fn code(&self) -> String {
        let back = self.server.approve(&self.link(&[])).await;
        let code = back.query_pairs().find(|(name, _)| name == "code");
        code.unwrap_or_else(|| panic!("no code in {back}")).1.into_owned()
    }

    async fn exchange(&self, code: &str, verifier: &str) -> (Said, Value) {
        self.post(
            TOKEN,
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", &self.server.redirect),
                ("code_verifier", verifier),
                ("scope", "printing"),
            ],
        )
        .await
    }

    async fn signed_in(&self) -> (String, String) {
        let (said, body) = self.exchange(&self.code().await, VERIFIER).await;
        assert_eq!(said.status, 200, "{said:?}");
        let text = |field: &str| body[field].as_str().unwrap().to_owned();
        (text("access_token"), text("refresh_token"))
    }

    /// What the authorization endpoint says to a person who is logged in: on a page, or to the app.
    async fn opened(&self, changes: &[(&str, Option<&str>)]) -> Said {
        let (status, to) = self.server.shown(&self.link(changes)).await;
        let error = to.map_or(String::new(), |to| {
            assert!(
                to.as_str().starts_with(&self.server.redirect),
                "sent to a stranger: {to}"
            );
            let error = to.query_pairs().find(|(name, _)| name == "error");
            error.map_or_else(|| "none".to_owned(), |(_, error)| error.into_owned())
        });
        Said { status, error }
    }
}

/// security.md 17: a code is good once and with its own verifier, and a second use ends what the first one
/// brought.
pub async fn code_once(server: &Server, authentication: ClientAuthentication) {
    let client = Client::new(server, authentication);
    let code = client.code().await;
    let (said, _) = client.exchange(&code, OTHER_VERIFIER).await;
    assert_eq!((said.status, said.error.as_str()), (400, "invalid_grant"));
    let code = client.code().await;
    let (said, _) = client.exchange(&code, VERIFIER).await;
    assert_eq!(said.status, 200, "{said:?}");
    let (said, _) = client.exchange(&code, VERIFIER).await;
    assert_eq!((said.status, said.error.as_str()), (400, "invalid_grant"));
}

/// Every request that must not work, by name.
async fn refusals(server: &Server, authentication: ClientAuthentication) -> Vec<(&'static str, Said)> {
    let client = Client::new(server, authentication);
    let mut all = Vec::new();
    let mut note = |name, said: Said| all.push((name, said));

    note(
        "no grant_type",
        client.post(TOKEN, &[("scope", "printing")]).await.0,
    );
    note(
        "an unknown grant_type",
        client.post(TOKEN, &[("grant_type", "wish")]).await.0,
    );
    let unknown = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "unheard-of"),
        ("scope", "printing"),
    ];
    note("an unknown refresh token", client.post(TOKEN, &unknown).await.0);
    note(
        "an unknown client",
        client.post_as(Some("nobody"), TOKEN, &unknown).await.0,
    );
    note("no client", client.post_as(None, TOKEN, &unknown).await.0);
    note(
        "no refresh token",
        client
            .post(TOKEN, &[("grant_type", "refresh_token"), ("scope", "printing")])
            .await
            .0,
    );
    note("an unknown code", client.exchange("unheard-of", VERIFIER).await.0);

    let code = client.code().await;
    note("a wrong verifier", client.exchange(&code, OTHER_VERIFIER).await.0);
    let code = client.code().await;
    let fields = |redirect: &'static str| {
        vec![
            ("grant_type", "authorization_code"),
            ("code_verifier", VERIFIER),
            ("redirect_uri", redirect),
            ("scope", "printing"),
        ]
    };
    let mut other = fields("http://localhost:1/other");
    other.push(("code", &code));
    note(
        "another redirect_uri at the exchange",
        client.post(TOKEN, &other).await.0,
    );
    let code = client.code().await;
    let bare = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", server.redirect.as_str()),
        ("scope", "printing"),
    ];
    note("no verifier", client.post(TOKEN, &bare).await.0);

    let code = client.code().await;
    let (_, first) = client.exchange(&code, VERIFIER).await;
    note("a code that came twice", client.exchange(&code, VERIFIER).await.0);
    let access = SecretString::from(first["access_token"].as_str().unwrap());
    let works = server.takes(&access).await;
    note(
        "the access token of a code that came twice",
        Said {
            status: if works { 200 } else { 401 },
            error: if works { "works" } else { "refused" }.to_owned(),
        },
    );

    let (_, token) = client.signed_in().await;
    let wider = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str()),
        ("scope", "printing printing.printers.readonly"),
    ];
    note("a refresh that asks for more", client.post(TOKEN, &wider).await.0);
    let same = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str()),
        ("scope", "printing"),
    ];
    note(
        "a refresh after one that asked for more",
        client.post(TOKEN, &same).await.0,
    );
    note("a spent refresh token", client.post(TOKEN, &same).await.0);

    note(
        "revoking what is unknown",
        client.post(REVOKE, &[("token", "unheard-of")]).await.0,
    );
    note("revoking nothing", client.post(REVOKE, &[]).await.0);
    note(
        "revoking as nobody",
        client
            .post_as(Some("nobody"), REVOKE, &[("token", "unheard-of")])
            .await
            .0,
    );

    note(
        "an authorization without a challenge",
        client
            .opened(&[("code_challenge", None), ("code_challenge_method", None)])
            .await,
    );
    note(
        "a plain challenge",
        client.opened(&[("code_challenge_method", Some("plain"))]).await,
    );
    note(
        "response_type token",
        client.opened(&[("response_type", Some("token"))]).await,
    );
    note(
        "an unknown response_type",
        client.opened(&[("response_type", Some("wish"))]).await,
    );
    note(
        "an unknown scope",
        client.opened(&[("scope", Some("everything"))]).await,
    );
    note(
        "an unregistered redirect_uri",
        client
            .opened(&[("redirect_uri", Some("http://localhost:1/other"))])
            .await,
    );
    note(
        "an unknown client at the page",
        client.opened(&[("client_id", Some("nobody"))]).await,
    );
    all
}

/// security.md 36: what a lost reply brought is given again, although less is asked for now: an app that was
/// restarted meanwhile does not know what it had asked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn within_a_grace_both_servers_give_again_what_was_lost_whatever_is_asked_for() {
    for which in [Which::Cloud, Which::Toolkit] {
        let server = Server::start(which, Duration::from_secs(30)).await;
        let client = Client::new(&server, ClientAuthentication::BasicEmptySecret);
        let (_, token) = client.signed_in().await;
        let refresh = async |scope| {
            let (said, body) = client
                .post(
                    TOKEN,
                    &[
                        ("grant_type", "refresh_token"),
                        ("refresh_token", &token),
                        ("scope", scope),
                    ],
                )
                .await;
            assert_eq!(said.status, 200, "{which:?}: {said:?}");
            body["refresh_token"].as_str().unwrap().to_owned()
        };
        let lost = refresh("printing").await;
        assert_ne!(lost, token);
        assert_eq!(refresh("").await, lost, "{which:?}");
    }
}

/// Where the two differ, and who is right. Each line is a decision, and a difference that goes away fails the
/// test too.
const DIFFERENCES: [(&str, &str); 5] = [
    // RFC 6749 section 5.2: a missing parameter is invalid_request; unsupported_grant_type is for one that is
    // named.
    ("no grant_type", "unsupported_grant_type"),
    // RFC 6749 section 5.2, invalid_grant: "does not match the redirection URI used in the authorization
    // request".
    ("another redirect_uri at the exchange", "invalid_request"),
    // RFC 7636 section 4.4.1: the authorization endpoint MUST answer invalid_request. The toolkit asks the
    // person first.
    ("a plain challenge", ""),
    // Both right (RFC 6749 section 4.1.2.1): the cloud knows no implicit grant, the toolkit does, but not for
    // this client.
    ("response_type token", "unauthorized_client"),
    // RFC 6749 section 4.1.2: a server SHOULD revoke what a code brought that comes twice. The toolkit does
    // not.
    ("the access token of a code that came twice", "works"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_servers_refuse_the_same_requests_in_the_same_words() {
    for authentication in [ClientAuthentication::BasicEmptySecret, ClientAuthentication::Body] {
        let cloud = Server::start(Which::Cloud, Duration::ZERO).await;
        let toolkit = Server::start(Which::Toolkit, Duration::ZERO).await;
        let (ours, theirs) = tokio::join!(
            refusals(&cloud, authentication),
            refusals(&toolkit, authentication)
        );
        assert_eq!(ours.len(), theirs.len());
        let mut differences = Vec::new();
        for ((name, ours), (_, theirs)) in ours.into_iter().zip(theirs) {
            match DIFFERENCES.iter().find(|(known, _)| *known == name) {
                Some((_, error)) if theirs.error == *error && ours != theirs => {}
                None if ours == theirs => {}
                _ => differences.push(format!("{name}: the cloud {ours:?}, the toolkit {theirs:?}")),
            }
        }
        assert!(differences.is_empty(), "{authentication:?}: {differences:#?}");
    }
}
