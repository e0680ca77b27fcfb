//! One open organization, without any feature: its directory, the client that speaks for it only, and the
//! locks for writing it. Must never answer for another organization (security.md 43).

mod context;
mod refresh;
mod store;
mod user_locks;

pub use context::{OrganizationContext, UserLock};
pub use refresh::refresh_user;
pub use store::{Difference, Edited};
pub use user_locks::{LOCK_LIMIT, UserLocks};
