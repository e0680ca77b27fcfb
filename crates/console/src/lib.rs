//! Pressroom without a window. Owns sign-in, sync and every use case, and the types that cross to the UI.
//! Must never know a window, and must never hand a token to its caller.

pub mod bindings;
pub mod error;
pub mod wire;
