//! The first start with its data directory, from its lock to its end. Must never listen without owning the
//! directory.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;
use vault::DataDirectory;

use super::os::{self, Listener, Place};
use super::owner_file;
use super::server::{self, FirstWindow};
use crate::stored::StoredOwner;

/// The first start with a data directory: it owns the directory, and later starts can reach it. Clones share
/// the state.
#[derive(Clone)]
pub struct First(Arc<Inner>);

struct Inner {
    directory: DataDirectory,
    /// `None` once it is served or closed.
    listener: Mutex<Option<Listener>>,
    /// `None` once it is closed.
    place: Mutex<Option<Place>>,
    closed: CancellationToken,
}

impl First {
    /// Listens from now on; later starts wait until they are served. Needs a tokio runtime. If listening
    /// fails, this is logged, and later starts report that the window does not answer. `left` is the address
    /// of an earlier owner, at which nobody answers.
    pub(super) fn new(directory: DataDirectory, left: Option<&str>) -> Self {
        let path = directory.path();
        if let Some(address) = left {
            os::remove_left(address);
        }
        let (listener, place) = Listener::bind(path)
            .inspect_err(|error| tracing::warn!(%error, "later starts will not reach this window"))
            .ok()
            .unzip();
        let owner = StoredOwner {
            directory: owner_file::name(path),
            process: std::process::id(),
            address: place.as_ref().map(|place| place.address().to_owned()),
        };
        if let Err(error) = owner_file::write(path, &owner) {
            tracing::warn!(%error, "later starts will not find this window");
        }
        Self(Arc::new(Inner {
            directory,
            listener: Mutex::new(listener),
            place: Mutex::new(place),
            closed: CancellationToken::new(),
        }))
    }

    /// The data directory that this start owns.
    pub fn directory(&self) -> &DataDirectory {
        &self.0.directory
    }

    /// Answers later starts until [`Self::close`]. Calls after the first one return at once.
    pub async fn serve(&self, window: Arc<dyn FirstWindow>) {
        if let Some(listener) = self.0.take_listener() {
            self.0
                .closed
                .run_until_cancelled(server::serve(listener, window))
                .await;
        }
    }

    /// Stops answering: from now on each later start waits for [`Self::release`].
    pub fn close(&self) {
        self.0.close();
    }

    /// Stops answering and gives up the data directory: the next start opens a window of its own.
    pub fn release(&self) {
        self.close();
        self.0.directory.release();
    }

    /// The listener, to be served by a test itself.
    #[cfg(all(test, unix))]
    pub(super) fn take_listener(&self) -> Option<Listener> {
        self.0.take_listener()
    }
}

impl Inner {
    fn take_listener(&self) -> Option<Listener> {
        self.listener
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    fn close(&self) {
        self.closed.cancel();
        drop(self.take_listener());
        if let Some(place) = self.place.lock().unwrap_or_else(PoisonError::into_inner).take() {
            owner_file::remove(self.directory.path(), place.address());
            drop(place);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}
