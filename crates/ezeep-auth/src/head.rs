//! The head of one HTTP/1.1 request (RFC 9112 sections 2 to 5), parsed while it arrives. Owns which parts are
//! kept. Must never store more than a constant amount per connection, however much a browser sends
//! (security.md 11).

use zeroize::Zeroizing;

/// Most bytes of the request line, or of one header that is kept.
const LINE_BYTES: usize = 8 * 1024;
/// Most bytes of the whole head. Chromium keeps up to 180 cookies of 4,096 bytes for one host, and
/// `localhost` is one host for the programs on all ports; this leaves room for the other headers.
const HEAD_BYTES: usize = 1024 * 1024;
/// Headers that are needed to check a redirect, in lower case. Cookies and all others are skipped.
const KEPT_HEADERS: [&[u8]; 2] = [b"host", b"accept-language"];

/// Parses a head while it arrives.
pub(crate) struct HeadReader {
    /// The request line and the kept headers, each ended by CR LF.
    kept: Zeroizing<Vec<u8>>,
    /// The line being read; at most [`LINE_BYTES`] of a header that is skipped.
    line: Zeroizing<Vec<u8>>,
    /// Whether the rest of this line is dropped.
    dropping: bool,
    /// Bytes of the head so far.
    read: usize,
}

/// Why a head is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeadError {
    /// It starts like a TLS handshake.
    Tls,
    /// It exceeds the limits.
    TooLarge,
    /// It is not an HTTP/1.1 head.
    Malformed,
}

impl HeadReader {
    pub(crate) fn new() -> Self {
        // Never grown: growing would leave an unwiped copy in memory.
        Self {
            kept: Zeroizing::new(Vec::with_capacity(2 * LINE_BYTES)),
            line: Zeroizing::new(Vec::with_capacity(LINE_BYTES)),
            dropping: false,
            read: 0,
        }
    }

    /// Feeds received bytes. Returns the request line and the kept headers, as a head, once the head is
    /// complete; the bytes after it are ignored.
    ///
    /// # Errors
    /// [`HeadError`], after which nothing more may be fed.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, HeadError> {
        for byte in bytes {
            self.read += 1;
            if self.read > HEAD_BYTES {
                return Err(HeadError::TooLarge);
            }
            if *byte != b'\n' {
                self.push(*byte)?;
                continue;
            }
            if self.line.last() == Some(&b'\r') {
                self.line.pop();
            }
            match (self.line.is_empty(), self.kept.is_empty()) {
                // Empty lines before the request line are skipped (RFC 9112 section 2.2).
                (true, true) => {}
                (true, false) => {
                    self.kept.extend_from_slice(b"\r\n");
                    return Ok(Some(std::mem::take(&mut self.kept)));
                }
                (false, _) => self.end_line()?,
            }
        }
        Ok(None)
    }

    fn push(&mut self, byte: u8) -> Result<(), HeadError> {
        if self.dropping {
            return Ok(());
        }
        if self.line.len() == LINE_BYTES {
            if self.is_kept() || name(&self.line).is_none() {
                return Err(HeadError::TooLarge);
            }
            self.dropping = true;
            return Ok(());
        }
        self.line.push(byte);
        // A handshake record of TLS 1.0 to 1.3 (RFC 8446 section 5.1); no HTTP method begins with such bytes.
        if self.kept.is_empty() && matches!(self.line[..], [0x16, 0x03, 0..=4]) {
            return Err(HeadError::Tls);
        }
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), HeadError> {
        if self.is_kept() {
            if self.kept.len() + self.line.len() + 4 > self.kept.capacity() {
                return Err(HeadError::TooLarge);
            }
            self.kept.extend_from_slice(&self.line);
            self.kept.extend_from_slice(b"\r\n");
        } else if !name(&self.line).is_some_and(|name| !name.is_empty() && name.iter().all(is_token)) {
            return Err(HeadError::Malformed);
        }
        self.line.clear();
        self.dropping = false;
        Ok(())
    }

    fn is_kept(&self) -> bool {
        let is_request_line = self.kept.is_empty();
        is_request_line
            || name(&self.line)
                .is_some_and(|name| KEPT_HEADERS.iter().any(|kept| name.eq_ignore_ascii_case(kept)))
    }
}

/// The name before a header's colon.
fn name(line: &[u8]) -> Option<&[u8]> {
    line.iter()
        .position(|byte| *byte == b':')
        .map(|colon| &line[..colon])
}

/// Token characters (RFC 9110 section 5.6.2).
fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)
}

#[cfg(test)]
mod tests {
    use super::{HEAD_BYTES, HeadError, HeadReader, LINE_BYTES};

    fn read(head: &[u8], at_once: usize) -> Result<Option<String>, HeadError> {
        let mut reader = HeadReader::new();
        for bytes in head.chunks(at_once) {
            let room = (reader.kept.capacity(), reader.line.capacity());
            if let Some(kept) = reader.feed(bytes)? {
                return Ok(Some(String::from_utf8(kept.to_vec()).unwrap()));
            }
            assert_eq!((reader.kept.capacity(), reader.line.capacity()), room, "it grew");
        }
        Ok(None)
    }

    #[test]
    fn the_request_line_and_two_headers_are_kept_however_the_head_arrives() {
        let head = "\r\nGET /cb?code=a HTTP/1.1\r\nCookie: a=b\r\nhOsT: localhost:1\r\nX:\r\nAccept-Language: de\r\n\r\nGET";
        let kept = "GET /cb?code=a HTTP/1.1\r\nhOsT: localhost:1\r\nAccept-Language: de\r\n\r\n";
        for at_once in [1, 2, 7, 1000] {
            assert_eq!(read(head.as_bytes(), at_once), Ok(Some(kept.to_owned())));
        }
        assert_eq!(read(&head.as_bytes()[..head.len() - 5], 3), Ok(None));
    }

    /// security.md 11
    #[test]
    fn a_head_of_any_size_up_to_the_limit_takes_the_same_room() {
        let start = "GET / HTTP/1.1\r\nHost: h\r\n";
        let fits = HEAD_BYTES - start.len() - "Cookie: \r\n\r\n".len();
        for (cookie, fits) in [(fits, true), (fits + 1, false)] {
            let head = format!("{start}Cookie: {}\r\n\r\n", "x".repeat(cookie));
            let kept = Ok(Some(format!("{start}\r\n")));
            let wanted = if fits { kept } else { Err(HeadError::TooLarge) };
            assert_eq!(read(head.as_bytes(), 8192), wanted);
        }
    }

    /// security.md 11
    #[test]
    fn a_line_that_is_kept_is_no_longer_than_it_may_be() {
        let long = "x".repeat(LINE_BYTES);
        for head in [
            format!("GET /{long}"),
            format!("GET / HTTP/1.1\r\nHost: {long}"),
            format!("GET / HTTP/1.1\r\n{long}:"),
            format!("GET / HTTP/1.1\r\n{}", "Host: h\r\n".repeat(LINE_BYTES)),
            "\r\n".repeat(HEAD_BYTES),
        ] {
            assert_eq!(read(head.as_bytes(), 8192), Err(HeadError::TooLarge));
        }
    }

    #[test]
    fn what_is_no_header_and_what_is_tls_is_told() {
        for line in ["no colon", ": no name", "na me: x", " folded: x", "b\u{e4}d: x"] {
            let head = format!("GET / HTTP/1.1\r\n{line}\r\n\r\n");
            assert_eq!(read(head.as_bytes(), 8192), Err(HeadError::Malformed), "{line}");
        }
        for at_once in [1, 3, 4] {
            assert_eq!(read(&[0x16, 3, 1, 2], at_once), Err(HeadError::Tls));
        }
    }
}
