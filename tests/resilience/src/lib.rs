//! What the resilience tests are made of: a proxy that injects faults ([`proxy`]), the console as a process
//! of its own ([`headless`]) on a keychain of its own ([`keyring`]), and a person at a browser ([`browser`]).
//! The keychain that a test may have for itself is Linux's, so the tests that need one run there alone. Must
//! never know how the console works inside: it sees what a network, a keychain and a script see.

pub mod announcing;
pub mod browser;
pub mod headless;
#[cfg(target_os = "linux")]
pub mod keyring;
#[cfg(target_os = "linux")]
pub mod lane;
#[cfg(unix)]
pub mod ordinary;
pub mod protocol;
pub mod proxy;
