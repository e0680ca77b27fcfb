//! Sign-in, refresh, reuse and revocation of ezeep-auth against two account servers: the simulated cloud, and
//! django-oauth-toolkit, which none of us wrote. One body of tests for both, so that a mistake that the app
//! and the simulated cloud share can't hide.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking, its helpers too

mod console;
mod refusals;
mod servers;
mod sessions;
