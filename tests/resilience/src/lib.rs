//! What the resilience tests are made of: a proxy that injects faults ([`proxy`]), the console as a process
//! of its own ([`headless`]) on a keychain of its own ([`keyring`]), and a person at a browser ([`browser`]).
//! The keychain that a test may have for itself is Linux's; on Windows it is the user's, which the step
//! `windows` has in a wine of its own. On macOS the tests that need one don't run.
//! Must never know how the console works inside: it sees what a network, a keychain and a script see.

pub mod announcing;
pub mod browser;
pub mod headless;
#[cfg_attr(windows, path = "credentials.rs")]
#[cfg(any(target_os = "linux", windows))]
pub mod keyring;
#[cfg(any(target_os = "linux", windows))]
pub mod lane;
#[cfg_attr(not(unix), path = "ordinary_elsewhere.rs")]
pub mod ordinary;
pub mod protocol;
pub mod proxy;
