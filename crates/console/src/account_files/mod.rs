//! The files of each holder: saved copies, plans and views, all sealed by one key of the holder in the
//! keychain (docs/security.md). A holder is a person at one account server in one data directory: that
//! person's accounts, one for each client, share the files.

mod error;
mod files;
mod key;
mod permission;
mod place;
mod slot_key;
#[cfg(test)]
pub mod test_files;

pub use error::FilesError;
pub use files::{AccountFiles, Slot};
pub use permission::WritePermission;
pub use place::FileKind;
