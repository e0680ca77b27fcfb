//! What the resilience tests are made of: a proxy that injects faults ([`proxy`]), the console as a process of its own
//! ([`headless`]) on a keychain of its own ([`keyring`]), and a person at a browser ([`browser`]).
//! Must never know how the console works inside: it sees what a network, a keychain and a script see.

pub mod announcing;
pub mod browser;
pub mod headless;
pub mod keyring;
pub mod lane;
pub mod protocol;
pub mod proxy;
