//! The state behind both servers: organizations, people, groups, memberships, printers and invitations, and
//! the rules for their consistency. It knows no HTTP, no tokens and no faults.

mod documents;
mod id;
mod names;
mod organization;
mod person;
mod seed;
mod tables;
#[cfg(test)]
mod tests;

pub use id::derived_id;
pub use organization::{
    Group, GroupIx, Invitation, InvitationStatus, Member, NewGroup, Organization, Origin, Printer, Role,
    WorldError,
};
pub use person::{OrgIx, Person, PersonIx};
pub(crate) use seed::build;
pub use tables::World;
