//! The files of each account: saved copies, plans and views, all sealed by one key of the account in the
//! keychain (docs/security.md).

mod error;
mod files;
#[cfg(test)]
pub mod here;
mod key;
mod place;
mod slot_key;

pub use error::FilesError;
pub use files::{AccountFiles, Slot};
pub use place::What;
