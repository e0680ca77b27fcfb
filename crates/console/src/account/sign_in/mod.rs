//! The ways to sign in: by the browser and by a pairing code. A link from the operating system is the
//! browser's second way back.

mod app_link;
mod browser;
mod complete;
mod job;
mod pairing;

pub use job::SignInJob;
