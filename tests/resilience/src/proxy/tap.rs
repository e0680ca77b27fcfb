//! The client's connection with a valve in it: so many bytes of a reply leave, then the connection is held or
//! cut. Must never change a byte.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::rule::{Hold, Point};

type Waiting = Pin<Box<dyn Future<Output = bool> + Send>>;

/// Sets a connection's valve while its reply is being made.
#[derive(Clone, Default)]
pub(super) struct Valve(Arc<Mutex<State>>);

#[derive(Default)]
enum State {
    #[default]
    Open,
    /// Counts towards the point where it closes.
    Counting(Counter, Then),
    /// Closed until somebody says how it goes on.
    Held(Waiting),
    Cut,
}

enum Then {
    Hold(Hold, Box<dyn FnOnce() + Send>),
    Cut,
}

/// Counts the bytes of a reply up to a point in its head or body.
struct Counter {
    point: Point,
    /// The last bytes of the head, to see its end.
    tail: [u8; 4],
    head_ended: bool,
    passed: usize,
}

impl Counter {
    /// How many of `bytes` may still leave, and whether the point is reached then.
    fn allow(&self, bytes: &[u8]) -> (usize, bool) {
        let left = match self.point {
            Point::InHead(at) => at.saturating_sub(self.passed),
            Point::InBody(at) if self.head_ended => at.saturating_sub(self.passed),
            Point::InBody(at) => match self.head_end(bytes) {
                Some(end) => end + at,
                None => return (bytes.len(), false),
            },
            _ => 0,
        };
        (left.min(bytes.len()), left <= bytes.len())
    }

    /// Where the body begins in `bytes`.
    fn head_end(&self, bytes: &[u8]) -> Option<usize> {
        let mut tail = self.tail;
        bytes
            .iter()
            .position(|byte| {
                tail.rotate_left(1);
                tail[3] = *byte;
                tail == *b"\r\n\r\n"
            })
            .map(|place| place + 1)
    }

    fn pass(&mut self, bytes: &[u8]) {
        if matches!(self.point, Point::InHead(_)) || self.head_ended {
            self.passed += bytes.len();
            return;
        }
        if let Some(end) = self.head_end(bytes) {
            self.head_ended = true;
            self.passed = bytes.len() - end;
        }
        for byte in bytes {
            self.tail.rotate_left(1);
            self.tail[3] = *byte;
        }
    }
}

impl Valve {
    /// Holds the reply at `point`; `told` is called when it is there.
    pub(super) fn hold(&self, point: Point, hold: Hold, told: impl FnOnce() + Send + 'static) {
        self.set(point, Then::Hold(hold, Box::new(told)));
    }

    /// Cuts the connection at `point`.
    pub(super) fn cut(&self, point: Point) {
        self.set(point, Then::Cut);
    }

    fn set(&self, point: Point, then: Then) {
        let counter = Counter {
            point,
            tail: [0; 4],
            head_ended: false,
            passed: 0,
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::Counting(counter, then);
    }
}

/// A stream whose writes go through a [`Valve`].
pub(super) struct Tap {
    stream: TcpStream,
    valve: Valve,
}

impl Tap {
    pub(super) fn new(stream: TcpStream, valve: Valve) -> Self {
        Self { stream, valve }
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Tap {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let valve = self.valve.clone();
        let mut state = valve.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match &mut *state {
                State::Open => return Pin::new(&mut self.stream).poll_write(cx, bytes),
                State::Cut => return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
                State::Held(waiting) => match waiting.as_mut().poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(true) => *state = State::Open,
                    Poll::Ready(false) => *state = State::Cut,
                },
                State::Counting(counter, _) => {
                    let (may, last) = counter.allow(bytes);
                    let mut written = 0;
                    if may > 0 {
                        match Pin::new(&mut self.stream).poll_write(cx, &bytes[..may]) {
                            Poll::Ready(Ok(count)) => written = count,
                            other => return other,
                        }
                        counter.pass(&bytes[..written]);
                    }
                    if last && written == may {
                        let State::Counting(_, then) = std::mem::take(&mut *state) else {
                            continue;
                        };
                        *state = match then {
                            Then::Cut => State::Cut,
                            Then::Hold(hold, told) => {
                                told();
                                hold.arrive();
                                State::Held(Box::pin(async move { hold.told().await }))
                            }
                        };
                    }
                    if written > 0 {
                        return Poll::Ready(Ok(written));
                    }
                }
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
