//! A browser that returns to an attempt: as the real one does, with a forged answer, or not at all.

use std::time::Duration;

use ezeep_auth::{Attempt, AuthorizedCode, BeginError, CallbackError, Hints, OAuth, RedirectUri};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{config, get, nowhere, oauth, oauth_at, parameter, patiently, status};

pub type Waiting = JoinHandle<Result<AuthorizedCode, CallbackError>>;

/// An attempt that waits, and how to reach it.
pub struct Browser {
    pub address: String,
    pub state: String,
    pub cancel: CancellationToken,
    pub waiting: Waiting,
}

impl Browser {
    pub async fn open() -> Self {
        Self::at(&oauth_at(&nowhere())).await
    }

    pub async fn at(oauth: &OAuth) -> Self {
        Self::waiting_for(oauth.begin(Hints::default()).await.unwrap())
    }

    pub fn waiting_for(attempt: Attempt) -> Self {
        let RedirectUri::Loopback(loopback) = attempt.redirect_uri() else {
            panic!("a loopback redirect")
        };
        let address = format!("127.0.0.1:{}", loopback.port());
        let state = parameter(attempt.authorization_url(), "state");
        let cancel = CancellationToken::new();
        let waiting = tokio::spawn({
            let cancel = cancel.clone();
            async move { attempt.wait(&cancel, Duration::from_secs(60)).await }
        });
        Self {
            address,
            state,
            cancel,
            waiting,
        }
    }

    pub async fn comes_back(&self, rest: &str) -> String {
        get(
            &self.address,
            &format!("/oauth/callback?state={}{rest}", self.state),
        )
        .await
    }

    pub async fn error(self) -> CallbackError {
        patiently(self.waiting).await.unwrap().err().unwrap()
    }

    /// The real answer still completes the attempt.
    pub async fn succeeds(self) {
        let page = self.comes_back("&code=real").await;
        assert_eq!(status(&page), 200);
        assert!(patiently(self.waiting).await.unwrap().is_ok());
    }
}

pub fn localhost(port: u16) -> OAuth {
    let redirect = RedirectUri::try_from(format!("http://localhost:{port}/oauth/callback").as_str()).unwrap();
    oauth(config(&nowhere(), redirect))
}

pub async fn begin(oauth: &OAuth) -> Result<Attempt, BeginError> {
    oauth.begin(Hints::default()).await
}
