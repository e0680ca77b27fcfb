//! The sign-in by the browser. Must never open it before the listener is ready (security.md 6).

use std::time::Duration;

use ezeep_auth::{Hints, Notices, Prompt};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::super::controller_channel::{AttemptReport, BegunSignIn, ControllerHandle, Message};
use super::super::setup::{Setup, kind_of};
use super::super::step::{Waiting, WaitingFor};
use super::job::SignInJob;
use crate::error::{ErrorCode, Result};
use crate::wire::SignInMethod;

/// How long the app waits for the browser's answer.
const BROWSER_LIMIT: Duration = Duration::from_secs(15 * 60);

impl SignInJob {
    /// Listens, waits for the browser's answer, and completes the sign-in.
    pub async fn sign_in_with_browser(mut self, setup: Setup, method: SignInMethod) {
        let result = self.try_sign_in_with_browser(setup, method).await;
        self.end(result);
    }

    async fn try_sign_in_with_browser(&mut self, setup: Setup, method: SignInMethod) -> Result<()> {
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
        self.has_begun(Ok(BegunSignIn {
            attempt: self.id,
            page,
        }));
        watch_notices(
            &self.context.controller,
            self.id,
            &attempt.notices(),
            &self.closed,
        );
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
fn watch_notices(
    controller: &ControllerHandle,
    id: u64,
    notices: &watch::Receiver<Notices>,
    closed: &CancellationToken,
) {
    let once = |came: fn(&Notices) -> bool, problem: ErrorCode| {
        let (controller, mut notices, closed) = (controller.clone(), notices.clone(), closed.clone());
        tokio::spawn(async move {
            let came = async { notices.wait_for(came).await.is_ok() };
            if closed.run_until_cancelled(came).await == Some(true) {
                let report = AttemptReport::Problem(problem);
                // Refused if the attempt was overtaken: its problems are of no use then.
                let _ = controller
                    .request(|reply| Message::Attempt(id, report, reply))
                    .await;
            }
        });
    };
    once(|now| now.https_tried, ErrorCode::RedirectForcedHttps);
    once(|now| now.another_sign_in, ErrorCode::AnotherSignInAnswered);
}
