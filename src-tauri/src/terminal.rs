//! Messages on standard error.

/// Writes a line to standard error.
#[allow(
    clippy::print_stderr,
    reason = "there may be no window and no log to say it in"
)]
pub fn say(text: &str) {
    eprintln!("{text}");
}
