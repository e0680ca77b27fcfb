//! The sign-in by the browser. Must never open it before the listener is ready (security.md 6).

use std::time::Duration;

use ezeep_auth::{Hints, Notices, Prompt};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::super::owner::{AttemptReport, Begun, Message, Owner};
use super::super::setup::{Setup, kind_of};
use super::super::step::{Waiting, WaitingFor};
use super::job::SignInJob;
use crate::error::{ErrorCode, Result};
use crate::wire::SignInMethod;

/// How long the app waits for the browser's answer.
const BROWSER_LIMIT: Duration = Duration::from_secs(15 * 60);

impl SignInJob {
    /// Listens, waits for the browser's answer, and completes the sign-in.
    pub async fn browse(mut self, setup: Setup, method: SignInMethod) {
        let result = self.browse_to_the_end(setup, method).await;
        self.end(result);
    }

    async fn browse_to_the_end(&mut self, setup: Setup, method: SignInMethod) -> Result<()> {
        // Also if the wait panics: the next attempt waits for this.
        let closes = self.closed.clone().drop_guard();
        self.wait_for_port().await?;
        let microsoft = method == SignInMethod::Microsoft;
        let hints = Hints {
            social_azure: microsoft,
            prompt: microsoft.then_some(Prompt::Azure),
        };
        let attempt = setup.oauth.begin(hints).await?;
        if let Some(cloud) = &setup.wanted.demo {
            cloud.register_redirect(attempt.redirect_uri().as_str());
        }
        let page = attempt.authorization_url().clone();
        let waiting = Waiting {
            attempt: self.id,
            link: page.clone(),
            method,
            keep: setup.wanted.keep,
            demo: setup.wanted.demo.is_some(),
            problem: None,
            unopened: None,
            by: WaitingFor::Browser(kind_of(&setup.wanted.redirect)),
        };
        self.report(AttemptReport::Waiting(Box::new(waiting))).await?;
        self.has_begun(Ok(Begun {
            attempt: self.id,
            page,
        }));
        explain_the_wait(&self.context.owner, self.id, &attempt.notices(), &self.closed);
        let waited = attempt.wait(&self.cancel, BROWSER_LIMIT).await;
        drop(closes);
        let code = waited?;
        let demo = setup.wanted.demo.is_some();
        self.report(AttemptReport::Finishing { demo }).await?;
        let tokens = setup.oauth.exchange(code).await?;
        self.complete(setup, tokens).await
    }
}

/// Shows in the window each kind of problem that arrived instead of the answer, once, while the wait
/// continues.
fn explain_the_wait(owner: &Owner, id: u64, notices: &watch::Receiver<Notices>, closed: &CancellationToken) {
    let once = |came: fn(&Notices) -> bool, problem: ErrorCode| {
        let (owner, mut notices, closed) = (owner.clone(), notices.clone(), closed.clone());
        tokio::spawn(async move {
            let came = async { notices.wait_for(came).await.is_ok() };
            if closed.run_until_cancelled(came).await == Some(true) {
                let report = AttemptReport::Problem(problem);
                // Refused if the attempt was overtaken: its problems are of no use then.
                let _ = owner.ask(|reply| Message::Attempt(id, report, reply)).await;
            }
        });
    };
    once(|now| now.https_tried, ErrorCode::RedirectForcedHttps);
    once(|now| now.another_sign_in, ErrorCode::AnotherSignInAnswered);
}
