//! The lines of a hand-over: one from the later start, one back. A later version of the app may add fields;
//! it raises [`VERSION`] only if a reader of this version would misunderstand it. Must never read without a
//! limit.

use std::io::{self, ErrorKind};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};

const VERSION: u32 = 1;
/// Longest link that is sent, in bytes: `ezeep-auth` accepts no longer one.
const MAX_LINK: usize = 8 * 1024;
/// Longest line that is read, in bytes: more than the longest link with every character escaped.
const MAX_LINE: u64 = 64 * 1024;

/// The message of a later start.
#[derive(Debug, Serialize, Deserialize)]
pub struct HandOver {
    version: u32,
    /// The link that the later start was started with.
    #[serde(default)]
    pub link: Option<String>,
}

impl HandOver {
    /// The message of a start with this link. A link longer than [`MAX_LINK`] is left out.
    pub fn new(link: Option<&str>) -> Self {
        Self {
            version: VERSION,
            link: link.filter(|link| link.len() <= MAX_LINK).map(str::to_owned),
        }
    }

    /// Whether this version of the app understands the message.
    pub fn is_known(&self) -> bool {
        self.version == VERSION
    }
}

/// The answer of the first window.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    version: u32,
    /// Whether the window is in front.
    pub raised: bool,
}

impl Answer {
    /// The answer of a window that is in front, or can't be: then it has the link, and is ending.
    pub fn new(raised: bool) -> Self {
        Self {
            version: VERSION,
            raised,
        }
    }

    /// Whether this version of the app understands the answer.
    pub fn is_known(&self) -> bool {
        self.version == VERSION
    }
}

/// Writes a message as a line.
///
/// # Errors
/// The connection's.
pub async fn write(stream: &mut (impl AsyncWrite + Unpin), message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    stream.flush().await
}

/// Reads a message.
///
/// # Errors
/// [`ErrorKind::UnexpectedEof`] if the line is cut off or longer than [`MAX_LINE`];
/// [`ErrorKind::InvalidData`] if it is not such a message; the connection's.
pub async fn read<T: DeserializeOwned>(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<T> {
    let mut line = Vec::new();
    let mut lines = BufReader::new(stream.take(MAX_LINE));
    lines.read_until(b'\n', &mut line).await?;
    if line.last() != Some(&b'\n') {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&line)?)
}
