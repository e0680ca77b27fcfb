//! Who is signed in, from the first click to the sign-out: one owner of the state ([`controller`]), jobs that
//! report to it, and the handle that the console holds. Must never store a token itself: the session does
//! (ezeep-auth).

mod commands;
mod context;
mod controller;
mod controller_channel;
#[cfg(test)]
mod controller_tests;
mod handle;
mod live_account;
mod opening;
mod organizations;
mod remembered;
mod reports;
mod restore;
mod saved_copy;
mod setup;
mod sign_in;
mod sign_out;
mod state;
mod step;
mod tokens;
mod view;

pub use handle::Accounts;
