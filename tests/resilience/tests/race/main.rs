//! What two processes, a switch, a sign-out, a stranger and a bad network do to a session at the worst
//! moment: the console as a process, a real keychain, and the fault proxy in between.

#![cfg(any(target_os = "linux", windows))]
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test fails by panicking, its helpers too; figures are printed

mod forged;
mod networks;
mod opaque_tokens;
mod organizations;
mod sign_out;
mod starts;
mod two_processes;
mod window_and_guest;
mod world;
