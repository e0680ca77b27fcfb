//! Turns the UI's ids into the client's and the directory's, and back. Owns nothing.
//! All three have one grammar; an id that fails it here never came from this app.

use crate::error::{AppError, ErrorCode, Result};
use crate::wire;

fn refused(field: &str) -> AppError {
    AppError::new(ErrorCode::ArgumentInvalid {
        field: field.to_owned(),
    })
}

macro_rules! convert {
    ($($api:ident, $view:ident, $ty:ident, $field:literal;)*) => {$(
        /// The client's id of this.
        pub fn $api(id: &str) -> Result<ezeep_api::$ty> {
            ezeep_api::$ty::try_from(id.to_owned()).map_err(|_| refused($field))
        }

        /// The UI's id of this.
        pub fn $view(id: &str) -> Result<wire::$ty> {
            wire::$ty::try_from(id.to_owned()).map_err(|_| refused($field))
        }
    )*};
}

/// The session's id of an organization.
pub fn session_organization(id: &str) -> Result<ezeep_auth::OrganizationId> {
    ezeep_auth::OrganizationId::try_from(id).map_err(|_| refused("organization"))
}

convert! {
    api_user, wire_user, UserId, "user";
    api_group, wire_group, GroupId, "group";
    api_organization, wire_organization, OrganizationId, "organization";
}
