//! The console against the simulated cloud over HTTP: every use case, and every error code that a server can
//! cause. Must never reach into the console: what a window can't see, these tests don't see either.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that stumbles has failed"
)]

#[path = "console/support.rs"]
mod support;

#[path = "console/accounts.rs"]
mod accounts;
#[path = "console/awake.rs"]
mod awake;
#[path = "console/cache.rs"]
mod cache;
#[path = "console/directory.rs"]
mod directory;
#[path = "console/errors.rs"]
mod errors;
#[path = "console/group_edits.rs"]
mod group_edits;
#[path = "console/groups.rs"]
mod groups;
#[path = "console/guest.rs"]
mod guest;
#[path = "console/keychain.rs"]
mod keychain;
#[path = "console/lying_lists.rs"]
mod lying_lists;
#[path = "console/memberships.rs"]
mod memberships;
#[path = "console/names.rs"]
mod names;
#[path = "console/odd_answers.rs"]
mod odd_answers;
#[path = "console/overtaken.rs"]
mod overtaken;
#[path = "console/plans.rs"]
mod plans;
#[path = "console/predictions.rs"]
mod predictions;
#[path = "console/print_settings.rs"]
mod print_settings;
#[path = "console/reading.rs"]
mod reading;
#[path = "console/runs.rs"]
mod runs;
#[path = "console/sessions.rs"]
mod sessions;
#[path = "console/sign_in.rs"]
mod sign_in;
#[path = "console/tokens.rs"]
mod tokens;
#[path = "console/unreadable/mod.rs"]
mod unreadable;
#[path = "console/ways_in.rs"]
mod ways_in;
