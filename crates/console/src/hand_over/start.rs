//! What a start is: the first with its data directory, or a later one. Must never take longer than its limit.

use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;
use vault::DataDirectory;

use super::client::{self, Reached};
use super::first::First;
use super::owner_file;

/// How long a later start waits: a user takes it for lost after 5 s.
const LIMIT: Duration = Duration::from_secs(4);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(25);
/// An attempt with less time than this would take a refusal for silence.
const LEAST: Duration = Duration::from_millis(100);

/// What a start is.
pub enum Start {
    /// The first with its data directory, which it owns.
    First(First),
    /// A later one. The first window is in front and has its link: there is nothing left to do.
    HandedOver,
    /// A later one, and the first window does not answer.
    Silent {
        /// The first window's process id, where it is known.
        process: Option<u32>,
        /// Whether it has the link when it goes on.
        delivered: bool,
    },
}

/// Makes this start the first with its data directory, or hands it over with its link to the first one. Takes
/// at most 4 s.
pub async fn start(data_dir: &Path, link: Option<&str>) -> Start {
    start_within(data_dir, link, LIMIT).await
}

pub(super) async fn start_within(data_dir: &Path, link: Option<&str>, limit: Duration) -> Start {
    let until = Instant::now() + limit;
    let mut known = None;
    loop {
        let not_locked = match DataDirectory::own(data_dir) {
            Some(directory) if directory.is_locked() => return Start::First(First::new(directory)),
            other => other,
        };
        // Two starts at one moment, a window that is going, or one that was killed: the next attempt tells.
        if let Some(owner) = owner_file::read(data_dir) {
            known = Some(owner.process);
            match client::hand_over(&owner, link, until).await {
                Reached::Answered => return Start::HandedOver,
                Reached::Silent { process } => {
                    return Start::Silent {
                        process: Some(process),
                        delivered: true,
                    };
                }
                Reached::Nobody => {}
            }
        }
        // Nobody was reached, and no lock can tell.
        if let Some(directory) = not_locked {
            return Start::First(First::new(directory));
        }
        if Instant::now() + PAUSE + LEAST > until {
            return Start::Silent {
                process: known,
                delivered: false,
            };
        }
        tokio::time::sleep(PAUSE).await;
    }
}
