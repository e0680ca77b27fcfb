//! The errors of the handle.

use ezeep_sim::internals::WorldError;

/// Why the handle could not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// No organization has this id.
    #[error("no organization has this id")]
    NoSuchOrganization,
    /// Nobody in the organization has this id or address.
    #[error("nobody in the organization has this id or address")]
    NoSuchPerson,
    /// No group of the organization has this id.
    #[error("no group of the organization has this id")]
    NoSuchGroup,
    /// Somebody else has this email address.
    #[error("somebody has this email address already")]
    EmailTaken,
    /// Another group has this name.
    #[error("a group of this name exists already")]
    NameTaken,
    /// No client has this id.
    #[error("no client has this id")]
    NoSuchClient,
    /// Tokens could not be made.
    #[error("tokens could not be made")]
    Token,
}

impl From<WorldError> for ControlError {
    fn from(error: WorldError) -> Self {
        match error {
            WorldError::NameTaken => Self::NameTaken,
            WorldError::EmailTaken => Self::EmailTaken,
            WorldError::NoSuchPerson => Self::NoSuchPerson,
            WorldError::NoSuchGroup => Self::NoSuchGroup,
        }
    }
}
