//! A sign-in's job. It decides nothing: it reports to the controller, which says whether the job still
//! counts. If not, the job revokes the grant that it may have got.

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::super::context::Context;
use super::super::controller_channel::{AttemptReport, BegunSignIn, Message};
use crate::error::{ErrorCode, Result};

/// The job.
pub struct SignInJob {
    /// What it works with.
    pub context: Context,
    /// The attempt that it reports for.
    pub id: u64,
    /// Cancelled when the attempt is overtaken.
    pub cancel: CancellationToken,
    /// Cancelled when the listener is closed.
    pub closed: CancellationToken,
    /// The same of the previous attempt, which may hold the port.
    pub before: Option<CancellationToken>,
    /// The caller that waits for the beginning.
    pub begun: Option<oneshot::Sender<Result<BegunSignIn>>>,
}

impl SignInJob {
    /// Waits until the previous attempt has freed its port.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] if this one was overtaken meanwhile.
    pub async fn wait_for_port(&mut self) -> Result<()> {
        if let Some(before) = self.before.take() {
            let freed = self.cancel.run_until_cancelled(before.cancelled()).await;
            freed.ok_or(ErrorCode::Cancelled)?;
        }
        Ok(())
    }

    /// Tells the caller whether the sign-in has begun.
    pub fn has_begun(&mut self, begun: Result<BegunSignIn>) {
        if let Some(waits) = self.begun.take() {
            // The caller may be gone.
            let _ = waits.send(begun);
        }
    }

    /// Ends the attempt with this result.
    pub fn end(mut self, result: Result<()>) {
        let began = self.begun.is_none();
        if let Err(error) = &result {
            self.has_begun(Err(error.clone()));
        }
        self.context.controller.send(Message::AttemptEnded {
            id: self.id,
            began,
            result,
        });
    }

    /// Reports progress to the controller.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] if it was overtaken.
    pub async fn report(&self, report: AttemptReport) -> Result<()> {
        let controller = &self.context.controller;
        controller
            .request(|reply| Message::Attempt(self.id, report, reply))
            .await
    }
}
