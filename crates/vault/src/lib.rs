//! What lies on disk, without a domain: files that only this user can open, replaced atomically ([`atomic`],
//! [`access`], [`folder`]), bytes sealed by a key ([`seal`], [`log`], [`FileKey`]), locks between processes
//! ([`lock`]), and who owns a data directory ([`DataDirectory`]). Must never know what a file is about, nor
//! keep a key anywhere.
//!
//! All functions block while the disk works and must be called from a blocking task, except those of [`lock`]
//! that say so.

pub mod access;
pub mod atomic;
mod data_directory;
mod digest;
pub mod folder;
mod key;
pub mod lock;
pub mod log;
mod on_disk;
pub mod seal;

pub use data_directory::{Access, DataDirectory};
pub use digest::file_name;
pub use key::{FileKey, InvalidKey};
pub use on_disk::{OnDisk, Problem, Unreadable};
