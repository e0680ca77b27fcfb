//! The storage of a sign-in: the store trait, its two stores, and their record. Must never write a secret
//! anywhere except into the native keychain (security.md 25), nor print one.

mod error;
mod lock;
mod memory;
mod os;
mod record;
mod secret_store;

pub use error::StoreError;
#[cfg(test)]
pub(crate) use lock::LockFiles;
pub use lock::RecordLock;
pub use memory::MemoryStore;
pub use os::OsStore;
pub use record::{Record, RecordName};
pub use secret_store::SecretStore;
