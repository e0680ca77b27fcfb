//! The later start's side. Must never wait longer than its deadline.

use tokio::time::{Instant, timeout_at};

use super::message::{self, Answer, HandOver};
use super::os;
use crate::stored::StoredOwner;

/// The result of a hand-over.
pub enum Reached {
    /// The window is in front, and has the link.
    Answered,
    /// The window has the link, and can't come to the front: it is ending.
    Ending,
    /// The owner has been sent the message, and has not answered in time.
    Silent {
        /// The owner's process id.
        process: u32,
    },
    /// There was no connection, or it was closed without an answer: the owner is ending, or was killed.
    Nobody,
}

/// Hands this start over to an owner with its `link`, and waits for the answer until `until`.
pub async fn hand_over(owner: &StoredOwner, link: Option<&str>, until: Instant) -> Reached {
    let Some(address) = &owner.address else {
        return Reached::Nobody;
    };
    let (mut stream, process) = match timeout_at(until, os::connect(address)).await {
        Ok(Ok(connected)) => connected,
        Ok(Err(error)) => {
            tracing::debug!(%error, "the owner is not reached");
            return Reached::Nobody;
        }
        Err(_) => return Reached::Nobody,
    };
    let message = HandOver::new(link);
    let Ok(Ok(())) = timeout_at(until, message::write(&mut stream, &message)).await else {
        return Reached::Nobody;
    };
    match timeout_at(until, message::read::<Answer>(&mut stream)).await {
        Ok(Ok(answer)) if !answer.is_known() => Reached::Nobody,
        Ok(Ok(answer)) if answer.raised => Reached::Answered,
        Ok(Ok(_)) => Reached::Ending,
        Ok(Err(_)) => Reached::Nobody,
        Err(_) => Reached::Silent {
            process: process.unwrap_or(owner.process),
        },
    }
}
