//! The simulated cloud from outside: over HTTP, as an app, a browser and a second admin see it.

#![allow(clippy::unwrap_used)] // a test fails by panicking, its helpers too

mod accounts;
mod api;
mod authorize;
mod faults;
mod grants;
mod memberships;
mod pages;
mod pairing;
mod quirks;
mod refresh;
mod seed;
mod support;
