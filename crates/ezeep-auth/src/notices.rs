//! What a waiting attempt receives besides its answer, so that the window can explain a wait that continues.
//! Must never contain anything of what was sent.

use tokio::sync::watch;

/// What has arrived for a waiting attempt and was not its answer. Nothing of it ends the wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Notices {
    /// A browser spoke TLS to the loopback listener: it turns http into https for this host (HSTS on
    /// localhost, or an "https only" setting), and its answer can't arrive.
    pub https_tried: bool,
    /// The answer of another sign-in arrived: an older tab was finished, or it was forged (security.md 10).
    pub another_sign_in: bool,
    /// Refused callbacks: with a wrong state, or sent to another host name (security.md 9, 10).
    pub refused: u32,
}

/// The writing end of [`Notices`].
#[derive(Clone, Default)]
pub(crate) struct NoticeSender(watch::Sender<Notices>);

impl NoticeSender {
    pub(crate) fn subscribe(&self) -> watch::Receiver<Notices> {
        self.0.subscribe()
    }

    pub(crate) fn refused(&self) {
        self.0
            .send_modify(|notices| notices.refused = notices.refused.saturating_add(1));
    }

    pub(crate) fn another_sign_in(&self) {
        self.0.send_modify(|notices| notices.another_sign_in = true);
        self.refused();
    }

    pub(crate) fn https_tried(&self) {
        self.0
            .send_if_modified(|notices| !std::mem::replace(&mut notices.https_tried, true));
    }
}
