//! Shared by both clients of the ezeep servers: why a certificate was refused, the server's clock and its
//! texts, `Retry-After`, which hosts are this computer, and connections that do not outlive its sleep.
//! Must never send anything by itself, nor know a token or an address.

mod certificate;
mod client;
mod retry_after;
mod server_clock;
mod text;
mod this_computer;

pub use certificate::{CertificateFault, causes, certificate_fault, proxy_wants_password};
pub use client::{Clocks, HttpClient};
pub use retry_after::retry_after;
pub use server_clock::ServerClock;
pub use text::sanitized;
pub use this_computer::is_this_computer;
