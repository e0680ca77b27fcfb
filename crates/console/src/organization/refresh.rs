//! Reads one user from both servers into the directory.

use ezeep_api::Error as ApiError;
use ids::UserId;

use super::context::OrganizationContext;
use super::store::Edited;
use crate::convert;
use crate::error::{ErrorCode, Result};
use crate::faults;

/// Reads a user from both servers and updates the directory.
///
/// # Errors
/// [`ErrorCode::UserGone`] if neither server knows the user, who is then removed from the directory;
/// [`ErrorCode::DirectoryNotRead`] before the first sync; what the servers fail with.
pub async fn refresh_user(context: &OrganizationContext, id: &UserId) -> Result<()> {
    // Not while a run writes the user: an older reply must not overwrite a newer one.
    let _locked = context.lock_user_here(id).await;
    let (account, print) = futures::join!(context.api.account(id), context.api.print_user(id));
    let (account, print) = (known(account)?, known(print)?);
    if account.is_none() && print.is_none() {
        context
            .store
            .edit(Edited::User(id.clone()), |directory| directory.remove_person(id));
        return Err(ErrorCode::UserGone.into());
    }
    let person = convert::person(id, account.as_ref(), print.as_ref());
    let changed = context
        .store
        .read(|directory| directory.person(&person.id).as_ref() != Some(&person))?;
    if changed {
        context.store.edit(Edited::User(person.id.clone()), |directory| {
            directory.upsert_person(person)
        });
    }
    Ok(())
}

/// `None` if the server says that the user does not exist.
fn known<T>(answer: std::result::Result<T, ApiError>) -> Result<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if faults::is_gone(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
