//! The app in its real window, on real parts: WebKit, a keychain, Chromium started by `xdg-open`, and the
//! simulated cloud. Run by `cargo xtask test --only e2e`, which brings the screen; pictures are left in
//! `artifacts/e2e`.

#[cfg(target_os = "linux")]
mod harness;
#[cfg(target_os = "linux")]
mod packaged;
#[cfg(target_os = "linux")]
mod window;
