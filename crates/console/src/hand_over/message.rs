//! The lines of a hand-over: one from the later start, one back. A later version may add fields; it raises
//! the version only where a reader of this one would misunderstand it. Must never read without a limit.

use std::io::{self, ErrorKind};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};

const VERSION: u32 = 1;
/// Longest link that is sent: `ezeep-auth` takes none that is longer.
const MAX_LINK: usize = 8 * 1024;
/// Longest line: more than the longest link takes with everything escaped.
const MAX_LINE: u64 = 64 * 1024;

/// What a later start says.
#[derive(Debug, Serialize, Deserialize)]
pub struct HandOver {
    version: u32,
    /// The link that it was started with.
    #[serde(default)]
    pub link: Option<String>,
}

impl HandOver {
    /// Of a start with this link. One that is too long for every reader is left out.
    pub fn new(link: Option<&str>) -> Self {
        Self {
            version: VERSION,
            link: link.filter(|link| link.len() <= MAX_LINK).map(str::to_owned),
        }
    }

    /// Whether this version understands it.
    pub fn is_known(&self) -> bool {
        self.version == VERSION
    }
}

/// What the first window says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    version: u32,
    /// The window is in front.
    pub raised: bool,
}

impl Answer {
    /// Of a window that is in front.
    pub fn raised() -> Self {
        Self {
            version: VERSION,
            raised: true,
        }
    }
}

/// Writes a message as a line.
pub async fn write(stream: &mut (impl AsyncWrite + Unpin), message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    stream.flush().await
}

/// Reads a message. A line that is cut off or too long is an error.
pub async fn read<T: DeserializeOwned>(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<T> {
    let mut line = Vec::new();
    let mut lines = BufReader::new(stream.take(MAX_LINE));
    lines.read_until(b'\n', &mut line).await?;
    if line.last() != Some(&b'\n') {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&line)?)
}
