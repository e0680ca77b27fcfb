//! What has to be there before anything is built: system packages, Node.js and the npm packages.
//! Must never leave a half: it ends with everything there, or with an error that says what is missing.

use anyhow::Result;

use crate::{system, ui};

/// What the machine is made ready for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To build, run and package the app.
    Build,
    /// To run the checks that need no window.
    Check,
    /// To test it, the real window included.
    Test,
}

/// Whether system packages may be installed.
#[derive(Clone, Copy)]
pub enum Consent {
    /// By the flag, or because this is CI.
    Given,
    /// The person is asked.
    Ask,
}

impl Consent {
    /// What `--yes` and the variable `CI` say.
    pub fn from_flag(yes: bool) -> Self {
        let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
        if yes || ci { Self::Given } else { Self::Ask }
    }

    /// The answer, asked for where it isn't known yet.
    ///
    /// # Errors
    /// When asking fails.
    pub fn given(self, ask: impl FnOnce() -> Result<bool>) -> Result<bool> {
        match self {
            Self::Given => Ok(true),
            Self::Ask => ask(),
        }
    }
}

/// Installs what `purpose` lacks on this machine.
///
/// # Errors
/// When something is missing that this can't or may not install.
pub fn prepare(purpose: Purpose, consent: Consent) -> Result<()> {
    ui::check_node()?;
    system::ensure(purpose, consent)?;
    ui::install()
}
