//! The last directory of each organization, saved as it was shown.

mod autosave;
mod saved_copy;

pub use autosave::Autosave;
pub use saved_copy::FromDisk;
