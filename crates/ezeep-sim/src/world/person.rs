//! People, and the indexes for people and organizations.

use time::OffsetDateTime;

/// Index of a person in the world's people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonIx(pub u32);

/// Index of an organization in the world's organizations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OrgIx(pub u32);

/// A person with an account: one id for all organizations and both servers.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: String,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub joined: OffsetDateTime,
    /// Signs in with Microsoft, so the password grant is refused.
    pub azure: bool,
    /// Has followed the link in the first mail; only such people can sign in.
    pub verified: bool,
    /// Without the Private one.
    pub organizations: Vec<OrgIx>,
}

impl Person {
    pub fn display_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
            .trim()
            .to_owned()
    }
}
