//! The ways into a sign-in: by the browser, by a pairing code; a link of the operating system is the
//! browser's other way back.

mod app_link;
mod browser;
mod complete;
mod job;
mod pairing;

pub use job::SignInJob;
