//! The record: one sign-in, as small and versioned bytes, and its name. Must never print its token, nor parse
//! bytes of an unknown version.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::Url;
use zeroize::Zeroizing;

use super::error::StoreError;
use crate::settings::ClientId;

/// `CRED_MAX_CREDENTIAL_BLOB_SIZE` of Windows, the smallest limit of the three systems (security.md 27).
const MOST_BYTES: usize = 2560;
/// Raised when a field changes its meaning; an unknown version is not parsed.
const VERSION: u32 = 1;

/// One sign-in: what is needed to continue after a restart. Has no `Debug`.
#[derive(Clone)]
pub struct Record {
    /// The id of the grant: random, made at sign-in, kept through rotations. Distinguishes a rotated token of
    /// the same sign-in from another sign-in.
    pub grant: String,
    /// The newest refresh token.
    pub refresh_token: SecretString,
    /// The organization of the session.
    pub organization: Option<String>,
    /// The user's id (`sub`).
    pub person: Option<String>,
    /// Number of rotations.
    pub generation: u64,
}

#[derive(Deserialize)]
struct Stored {
    v: u32,
    grant: String,
    token: SecretString,
    org: Option<String>,
    sub: Option<String>,
    generation: u64,
}

#[derive(Serialize)]
struct Storing<'a> {
    v: u32,
    grant: &'a str,
    token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    generation: u64,
}

impl Record {
    pub(crate) fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let storing = Storing {
            v: VERSION,
            grant: &self.grant,
            token: self.refresh_token.expose_secret(),
            org: self.organization.as_deref(),
            sub: self.person.as_deref(),
            generation: self.generation,
        };
        // Large enough from the start, so that growing leaves no copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(2 * MOST_BYTES + 6 * storing.token.len()));
        serde_json::to_writer(&mut *bytes, &storing).map_err(|_| StoreError::Damaged)?;
        if bytes.len() > MOST_BYTES {
            return Err(StoreError::TooLarge {
                bytes: bytes.len(),
                most: MOST_BYTES,
            });
        }
        Ok(bytes)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        let stored: Stored = serde_json::from_slice(bytes).map_err(|_| StoreError::Damaged)?;
        if stored.v != VERSION || stored.token.expose_secret().is_empty() {
            return Err(StoreError::Damaged);
        }
        Ok(Self {
            grant: stored.grant,
            refresh_token: stored.token,
            organization: stored.org,
            person: stored.sub,
            generation: stored.generation,
        })
    }

    /// Whether both have the same token of the same sign-in: the store is unchanged (security.md 37).
    pub(crate) fn same_token(&self, other: &Self) -> bool {
        let (ours, theirs) = (
            self.refresh_token.expose_secret(),
            other.refresh_token.expose_secret(),
        );
        self.grant == other.grant && bool::from(ours.as_bytes().ct_eq(theirs.as_bytes()))
    }
}

/// The name of a record: service and user name of a keychain entry, made of everything that distinguishes two
/// sign-ins. Contains no secret.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RecordName {
    user: String,
    label: String,
}

impl RecordName {
    /// The service name of all entries.
    pub const SERVICE: &'static str = "dev.pressroom.console";

    /// The record of `person` (`sub`) at `issuer` (the account server), signed in with `client`, in the
    /// profile of `data_dir`. The same directory must be given by the same path: links are not resolved.
    pub fn new(issuer: &Url, client: &ClientId, person: &str, data_dir: &Path) -> Self {
        let (issuer, data_dir) = (origin(issuer), place(data_dir));
        let digest = digest(&[
            issuer.as_bytes(),
            client.as_str().as_bytes(),
            person.as_bytes(),
            data_dir.as_os_str().as_encoded_bytes(),
        ]);
        // For display in a keychain app; the digest distinguishes records.
        let shown: String = person.chars().filter(|c| c.is_ascii_graphic()).take(80).collect();
        let host = issuer.split_once("://").map_or(issuer.as_str(), |(_, host)| host);
        Self {
            user: format!("{shown}@{host}#{digest}"),
            label: format!("Pressroom sign-in: {shown} at {host}"),
        }
    }

    /// What distinguishes the files of `person` (`sub`) at `issuer` (the account server) in `data_dir` from
    /// all others, for all clients: 32 hexadecimal digits.
    pub fn holder(issuer: &Url, person: &str, data_dir: &Path) -> String {
        let (issuer, data_dir) = (origin(issuer), place(data_dir));
        let data_dir = data_dir.as_os_str().as_encoded_bytes();
        digest(&[issuer.as_bytes(), person.as_bytes(), data_dir])
    }

    /// The name of the key that seals the files of a holder, given by [`Self::holder`].
    pub fn file_key(holder: &str) -> Self {
        Self {
            user: format!("lists#{holder}"),
            label: "Pressroom lists on this computer".to_owned(),
        }
    }

    /// The entry's user name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The label in a keychain app.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The name of a probe's own entry.
    pub(crate) fn probe(random: u64) -> Self {
        Self {
            user: format!("probe#{random:016x}"),
            label: "Pressroom keychain check".to_owned(),
        }
    }
}

fn origin(issuer: &Url) -> String {
    issuer.origin().ascii_serialization()
}

/// The absolute path of a data directory, by its components: without a trailing slash.
fn place(data_dir: &Path) -> PathBuf {
    let data_dir = std::path::absolute(data_dir).unwrap_or_else(|_| data_dir.to_owned());
    data_dir.components().collect()
}

/// The first 16 bytes of a hash of `parts`, as 32 hexadecimal digits. The parts' lengths are hashed too, so
/// that different lists of parts never give the same input.
fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Debug for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RecordName").field(&self.user).finish()
    }
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
