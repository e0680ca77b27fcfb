//! The requirements of a build: system packages, Node.js and the npm packages. Must never stop half-way: it
//! ends with all of them installed, or with an error that names what is missing.

use anyhow::Result;

use crate::system::{self, Consent, Purpose};
use crate::ui;

/// Installs what `purpose` lacks on this computer.
///
/// # Errors
/// Something is missing that can't or may not be installed.
pub fn prepare(purpose: Purpose, consent: Consent) -> Result<()> {
    ui::check_node()?;
    system::ensure(purpose, consent)?;
    ui::install()
}
