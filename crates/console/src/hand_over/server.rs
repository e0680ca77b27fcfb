//! The first window's side. Must never answer before the window is in front, nor let one connection block the
//! next.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::AsyncReadExt as _;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::message::{self, Answer, HandOver};
use super::os::{Accepted, Listener};

/// Most connections at a time.
const MAX_TALKS: usize = 32;
/// The longest life of a connection: longer than a later start waits.
const TALK_LIMIT: Duration = Duration::from_secs(10);
/// Pause after a failed accept, whose cause may be the limit of open files.
const PAUSE: Duration = Duration::from_millis(100);

/// The window that later starts are handed over to.
#[async_trait]
pub trait FirstWindow: Send + Sync + 'static {
    /// Receives the link of a later start. Must return at once.
    fn open_link(&self, link: &str);

    /// Brings the window to the front. Returns true when it is there, false if that is impossible.
    async fn raise(&self) -> bool;
}

/// Serves later starts without end.
pub async fn serve(mut listener: Listener, window: Arc<dyn FirstWindow>) {
    let mut talks = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(Some(stream)) if talks.len() < MAX_TALKS => {
                    let window = Arc::clone(&window);
                    talks.spawn(async move {
                        match timeout(TALK_LIMIT, talk(stream, &*window)).await {
                            Ok(Ok(())) => {}
                            Ok(Err(error)) => tracing::info!(%error, "a later start broke off"),
                            Err(_) => tracing::warn!("a later start was not answered in time"),
                        }
                    });
                }
                Ok(Some(_)) => tracing::warn!("too many later starts at once"),
                Ok(None) => tracing::warn!("another user wanted to hand something over"),
                Err(error) => {
                    tracing::warn!(%error, "a later start could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            Some(_) = talks.join_next() => {}
        }
    }
}

async fn talk(mut stream: Accepted, window: &dyn FirstWindow) -> io::Result<()> {
    let message: HandOver = message::read(&mut stream).await?;
    if !message.is_known() {
        return Err(io::Error::other("it is of another version"));
    }
    // Before the window is raised, which may take long or fail: the later start may have given up by then.
    if let Some(link) = &message.link {
        window.open_link(link);
    }
    let raised = window.raise().await;
    message::write(&mut stream, &Answer::new(raised)).await?;
    // The answer may be lost if this end is closed before it is read: waits for the other end to close.
    tokio::io::copy(&mut stream.take(1), &mut tokio::io::sink()).await?;
    Ok(())
}
