//! What both clients of the ezeep servers know of a connection: why a certificate was refused, what the server's clock
//! says, how long a server asks to wait, and that connections do not outlive a sleep of the computer.
//! Must never send anything by itself, nor know a token or an address.

mod certificate;
mod client;
mod retry_after;
mod server_clock;

pub use certificate::{CertificateFault, causes, certificate_fault, proxy_wants_password};
pub use client::{Clocks, HttpClient};
pub use retry_after::retry_after;
pub use server_clock::ServerClock;
