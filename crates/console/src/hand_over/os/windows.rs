//! A named pipe. By its default security only this user, administrators and the system can write to it; its
//! name is random, and is stored in the user's own folder. Must never accept another computer.

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions};

/// `ERROR_PIPE_BUSY`: the listener has taken one connection and is not ready for the next.
const BUSY: i32 = 231;
/// Between two attempts at a busy pipe.
const PAUSE: Duration = Duration::from_millis(10);

/// An accepted connection.
pub type Accepted = NamedPipeServer;

/// Accepts connections.
pub struct Listener {
    name: String,
    /// The pipe's instance for the next connection.
    next: NamedPipeServer,
}

/// The place of a listener.
pub struct Place {
    address: String,
}

impl Listener {
    /// Listens at a pipe with a random name, which does not depend on the data directory.
    ///
    /// # Errors
    /// The system's.
    pub fn bind(_data_dir: &Path) -> io::Result<(Self, Place)> {
        let name = format!(r"\\.\pipe\pressroom-{:032x}", rand::random::<u128>());
        // Fails if the name is in use.
        let next = options().first_pipe_instance(true).create(&name)?;
        let place = Place {
            address: name.clone(),
        };
        Ok((Self { name, next }, place))
    }

    /// The next connection.
    ///
    /// # Errors
    /// The system's.
    pub async fn accept(&mut self) -> io::Result<Option<Accepted>> {
        self.next.connect().await?;
        let following = options().create(&self.name)?;
        Ok(Some(std::mem::replace(&mut self.next, following)))
    }
}

impl Place {
    /// The address for [`connect`].
    pub fn address(&self) -> &str {
        &self.address
    }
}

/// Connects to an address, and waits without a limit while its listener is busy. Returns the connection; the
/// process at its other end is not known.
///
/// # Errors
/// The system's, if nothing listens there.
pub async fn connect(address: &str) -> io::Result<(NamedPipeClient, Option<u32>)> {
    loop {
        match ClientOptions::new().open(address) {
            Err(error) if error.raw_os_error() == Some(BUSY) => tokio::time::sleep(PAUSE).await,
            opened => return Ok((opened?, None)),
        }
    }
}

/// Does nothing: the system removes a pipe with its process.
pub fn remove_left(_address: &str) {}

fn options() -> ServerOptions {
    let mut options = ServerOptions::new();
    options.reject_remote_clients(true);
    options
}
