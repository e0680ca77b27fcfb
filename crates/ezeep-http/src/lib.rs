//! Shared by both clients of the ezeep servers: why a certificate was refused, the server's clock,
//! `Retry-After`, and connections that do not outlive a sleep of the computer.
//! Must never send anything by itself, nor know a token or an address.

mod certificate;
mod client;
mod retry_after;
mod server_clock;

pub use certificate::{CertificateFault, causes, certificate_fault, proxy_wants_password};
pub use client::{Clocks, HttpClient};
pub use retry_after::retry_after;
pub use server_clock::ServerClock;
