//! A named pipe. Its default security lets only this user, administrators and the system write to it; its
//! name is random, and is found in the user's own folder. Must never accept another computer.

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions};

/// `ERROR_PIPE_BUSY`: the listener has taken one connection and is not ready for the next.
const BUSY: i32 = 231;
/// Between two attempts at a busy pipe.
const PAUSE: Duration = Duration::from_millis(10);

/// A connection that was accepted.
pub type Accepted = NamedPipeServer;

/// Accepts connections.
pub struct Listener {
    name: String,
    /// Waits for the next one.
    next: NamedPipeServer,
}

/// Where a listener is found.
pub struct Place {
    address: String,
}

impl Listener {
    /// Listens at a pipe of a random name. The data directory plays no part.
    pub fn bind(_data_dir: &Path) -> io::Result<(Self, Place)> {
        let name = format!(r"\\.\pipe\pressroom-{:032x}", rand::random::<u128>());
        // Nobody else listens at this name.
        let next = options().first_pipe_instance(true).create(&name)?;
        let place = Place {
            address: name.clone(),
        };
        Ok((Self { name, next }, place))
    }

    /// The next connection.
    pub async fn accept(&mut self) -> io::Result<Option<Accepted>> {
        self.next.connect().await?;
        let following = options().create(&self.name)?;
        Ok(Some(std::mem::replace(&mut self.next, following)))
    }
}

impl Place {
    /// What [`connect`] takes.
    pub fn address(&self) -> &str {
        &self.address
    }
}

/// Connects to an address, and waits while its listener is busy: for ever, where that stands still. The
/// process at its other end is not known.
///
/// Fails where nobody listens there.
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
