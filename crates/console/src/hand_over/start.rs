//! Whether a start is the first with its data directory or a later one. Must never take longer than its
//! limit.

use std::path::Path;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};
use vault::DataDirectory;

use super::client::{self, Reached};
use super::first::First;
use super::owner_file;
use crate::stored::StoredOwner;

/// How long a later start waits. A window that does not answer must be reported within 5 s
/// (docs/decisions/0009).
const LIMIT: Duration = Duration::from_secs(4);
/// Time between two attempts.
const PAUSE: Duration = Duration::from_millis(25);
/// The least time for an attempt: with less, a refused connection could be taken for one without an answer.
const LEAST: Duration = Duration::from_millis(100);

/// The result of a start.
pub enum Start {
    /// It is the first with its data directory, which it owns.
    First(First),
    /// It is a later one. The first window is in front and has its link: this process can end.
    HandedOver,
    /// It is a later one, and the first window does not answer.
    Silent {
        /// The first window's process id, if it is known.
        process: Option<u32>,
        /// Whether the first window will read the link once it responds again.
        delivered: bool,
    },
}

/// Makes this start the first with its data directory, or hands it over with its `link` to the first one.
/// Takes at most 4 s.
pub async fn start(data_dir: &Path, link: Option<&str>) -> Start {
    start_within(data_dir, link, LIMIT).await
}

pub(super) async fn start_within(data_dir: &Path, link: Option<&str>, limit: Duration) -> Start {
    let until = Instant::now() + limit;
    let mut known = None;
    // An owner takes a link once, however often it is asked to come to the front.
    let mut has_link = None;
    loop {
        let Ok((owned, owner)) = timeout_at(until, look(data_dir)).await else {
            return Start::Silent {
                process: known,
                delivered: known.is_some() && has_link == known,
            };
        };
        let left = owner.as_ref().and_then(|owner| owner.address.clone());
        // Asked also with the lock in hand: a window that could not lock its directory may be open. If nothing
        // answers, another start is just beginning, or a window is closing or was killed: the next attempt
        // shows which.
        if let Some(owner) = owner {
            known = Some(owner.process);
            let link = link.filter(|_| has_link != known);
            match client::hand_over(&owner, link, until).await {
                Reached::Answered => return Start::HandedOver,
                Reached::Silent { process } => {
                    return Start::Silent {
                        process: Some(process),
                        delivered: true,
                    };
                }
                Reached::Ending => has_link = known,
                Reached::Nobody => {}
            }
        }
        if let Some(directory) = owned {
            return Start::First(First::new(directory, left.as_deref()));
        }
        if Instant::now() + PAUSE + LEAST > until {
            return Start::Silent {
                process: known,
                delivered: known.is_some() && has_link == known,
            };
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Takes the directory if it is free, and reads who had it, on a blocking thread: it may be on a network.
async fn look(data_dir: &Path) -> (Option<DataDirectory>, Option<StoredOwner>) {
    let data_dir = data_dir.to_owned();
    let looked = spawn_blocking(move || (DataDirectory::own(&data_dir), owner_file::read(&data_dir)));
    looked.await.unwrap_or_default()
}
