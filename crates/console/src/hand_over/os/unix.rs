//! A Unix domain socket. Must never accept or connect a process of another user.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::net::{UnixListener, UnixStream};
use vault::folder;

/// The socket's file name.
const SOCKET: &str = "owner.sock";
/// The prefix of the name of a folder that contains only the socket.
const FOLDER: &str = "pressroom-";
/// Longest path of a socket, in bytes, on all systems: macOS allows 103.
const MAX_PATH: usize = 100;

/// An accepted connection.
pub type Accepted = UnixStream;

/// Accepts connections.
pub struct Listener {
    socket: UnixListener,
    /// The id of the user whose processes are accepted.
    user: u32,
}

/// The place of a listener. Its socket is removed when this is dropped.
pub struct Place {
    address: String,
    /// The socket's own folder, if it has one. Removed after the socket.
    _folder: Option<TempDir>,
}

impl Listener {
    /// Listens in the data directory, or in a folder of its own if the path would be too long or the file
    /// system has no sockets. Needs the owner's lock: an existing socket was left by a killed process.
    ///
    /// # Errors
    /// The system's; [`ErrorKind::InvalidFilename`] if the folder's path is no Unicode text.
    pub fn bind(data_dir: &Path) -> io::Result<(Self, Place)> {
        let in_it = std::path::absolute(data_dir)?.join(SOCKET);
        if in_it.to_str().is_some_and(|path| path.len() <= MAX_PATH) {
            match Self::bind_at(&in_it) {
                Ok(socket) => return Ok((socket, Place::new(&in_it, None)?)),
                Err(error) => tracing::info!(%error, "the data directory takes no socket"),
            }
        }
        let folder = tempfile::Builder::new()
            .prefix(FOLDER)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(runtime_folder())?;
        let path = folder.path().join(SOCKET);
        Ok((Self::bind_at(&path)?, Place::new(&path, Some(folder))?))
    }

    fn bind_at(path: &Path) -> io::Result<Self> {
        remove_socket(path);
        let socket = UnixListener::bind(path)?;
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        Ok(Self {
            socket,
            user: this_user(),
        })
    }

    /// The next connection; `None` for another user's, which is closed.
    ///
    /// # Errors
    /// The system's.
    pub async fn accept(&mut self) -> io::Result<Option<Accepted>> {
        let (stream, _) = self.socket.accept().await?;
        Ok((stream.peer_cred()?.uid() == self.user).then_some(stream))
    }

    /// Accepts only another user.
    #[cfg(test)]
    pub fn for_another_user(mut self) -> Self {
        self.user += 1;
        self
    }
}

impl Place {
    fn new(path: &Path, folder: Option<TempDir>) -> io::Result<Self> {
        let address = path.to_str().ok_or(ErrorKind::InvalidFilename)?.to_owned();
        Ok(Self {
            address,
            _folder: folder,
        })
    }

    /// The address for [`connect`].
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        folder::remove_file(Path::new(&self.address));
    }
}

/// Connects to an address. Returns the connection, and the id of the process at its other end, if known.
///
/// # Errors
/// The system's, if nothing listens there; [`ErrorKind::PermissionDenied`] if another user does.
pub async fn connect(address: &str) -> io::Result<(UnixStream, Option<u32>)> {
    let stream = UnixStream::connect(address).await?;
    let peer = stream.peer_cred()?;
    if peer.uid() != this_user() {
        return Err(ErrorKind::PermissionDenied.into());
    }
    Ok((stream, peer.pid().and_then(|id| id.try_into().ok())))
}

/// Removes the socket that a killed owner left at its address, and the socket's own folder.
pub fn remove_left(address: &str) {
    let path = Path::new(address);
    let Some(folder) = path.parent().filter(|_| path.ends_with(SOCKET)) else {
        return;
    };
    remove_socket(path);
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with(FOLDER)
        && let Err(error) = fs::remove_dir(folder)
    {
        tracing::debug!(%error, "the folder of an earlier socket is left");
    }
}

fn remove_socket(path: &Path) {
    if fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_socket()) {
        folder::remove_file(path);
    }
}

/// The folder for sockets' own folders: the user's runtime folder if it is this user's alone, otherwise the
/// one of temporary files.
fn runtime_folder() -> PathBuf {
    let own = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    own.filter(|folder| {
        fs::metadata(folder).is_ok_and(|it| it.is_dir() && it.uid() == this_user() && it.mode() & 0o077 == 0)
    })
    .unwrap_or_else(std::env::temp_dir)
}

fn this_user() -> u32 {
    rustix::process::geteuid().as_raw()
}
