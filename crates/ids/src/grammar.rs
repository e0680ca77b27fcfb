//! What is an id.

/// The longest id, in characters (each is one byte).
pub const MAX_LENGTH: usize = 64;

/// The text is no id: empty, longer than [`MAX_LENGTH`], or with a character outside `0-9 A-Z a-z -`.
///
/// Does not hold the text: it may have come from anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 1 to {MAX_LENGTH} characters of 0-9, A-Z, a-z and - are allowed")]
pub struct InvalidId;

/// Whether the text is an id.
pub(crate) fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(allowed)
}
