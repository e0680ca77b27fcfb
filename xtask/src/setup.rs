//! What has to be there before anything is built: system packages, Node.js and the npm packages.
//! Must never leave a half: it ends with everything there, or with an error that says what is missing.

use anyhow::Result;

use crate::system::{self, Consent, Purpose};
use crate::ui;

/// Installs what `purpose` lacks on this machine.
///
/// # Errors
/// When something is missing that this can't or may not install.
pub fn prepare(purpose: Purpose, consent: Consent) -> Result<()> {
    ui::check_node()?;
    system::ensure(purpose, consent)?;
    ui::install()
}
