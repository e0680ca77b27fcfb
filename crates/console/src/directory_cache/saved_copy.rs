//! The last directory of each organization, saved as it was shown. Owns the saved copies: one file for each
//! holder and organization, sealed by the holder's key. Must never trust a file that can't be opened with
//! that key, nor save anything of a session that is not stored.

use std::collections::BTreeSet;
use std::path::Path;

use directory::Directory;
use ids::{HolderId, InvalidId, OrganizationId};
use tokio::task::spawn_blocking;
use vault::lock::QueuedGuard;
use vault::seal::{self, AssociatedData};
use vault::{FileKey, OnDisk, atomic, folder};

use crate::account_files::{AccountFiles, FileKind, FilesError, Slot};
use crate::stored::{self, SavedCopyHeader, StoredOrganization, StoredPerson};
use crate::wire::{DiskThing, Organization, Person};

/// Larger than the directory of a million users; a longer file was not written by this app.
const MAX_BYTES: u64 = 512 << 20;

/// The header of a saved copy: enough to show it without a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// When all lists were read, in milliseconds since 1970 (UTC).
    pub at: i64,
    /// The account's person, who read it.
    pub person: Person,
    /// The organization.
    pub organization: Organization,
}

impl TryFrom<SavedCopyHeader> for Header {
    type Error = InvalidId;

    fn try_from(stored: SavedCopyHeader) -> Result<Self, InvalidId> {
        let SavedCopyHeader {
            at,
            person,
            organization,
        } = stored;
        Ok(Self {
            at,
            person: Person {
                id: person.id.try_into()?,
                email: person.email,
                name: person.name,
            },
            organization: Organization {
                id: organization.id.try_into()?,
                name: organization.name,
                admin: organization.admin,
                private: organization.private,
                color: organization.color,
            },
        })
    }
}

impl From<Header> for SavedCopyHeader {
    fn from(header: Header) -> Self {
        let Header {
            at,
            person,
            organization,
        } = header;
        Self {
            at,
            person: StoredPerson {
                id: person.id.into(),
                email: person.email,
                name: person.name,
            },
            organization: StoredOrganization {
                id: organization.id.into(),
                name: organization.name,
                admin: organization.admin,
                private: organization.private,
                color: organization.color,
            },
        }
    }
}

/// A directory from disk.
pub struct FromDisk {
    /// What it is.
    pub header: Header,
    /// The directory itself.
    pub directory: Directory,
}

impl AccountFiles {
    /// Removes the saved copies of organizations that are not in `organizations`, which lists all of the
    /// holder's. A guest removes nothing.
    pub async fn keep_only(&self, holder: &HolderId, organizations: &[OrganizationId]) {
        if !self.is_owner() {
            return;
        }
        let paths = organizations.iter().map(|of| self.slot(holder, of).saved_copy());
        let (kept, own) = (
            paths.collect::<BTreeSet<_>>(),
            self.copies().join(holder.as_str()),
        );
        let _guard = self.lock_copies().await;
        let removed = spawn_blocking(move || {
            let left = folder::names(&own).into_iter().map(|name| own.join(name));
            for path in left.filter(|path| is_saved_copy(path) && !kept.contains(path)) {
                tracing::info!("the list of an organization that the holder has left is removed");
                folder::remove_file(&path);
            }
        });
        if let Err(error) = removed.await {
            tracing::error!(%error, "the lists that are kept could not be looked through");
        }
    }
}

impl Slot {
    /// Looks for a saved copy. The owner sets one that can't be used aside, with a notice.
    pub async fn load(&self) -> Option<Box<FromDisk>> {
        let _guard = self.files().lock_copies().await;
        let error = match self.find().await {
            Ok(found) => return found.map(Box::new),
            Err(error) => error,
        };
        self.report_unreadable(DiskThing::SavedCopy, self.saved_copy(), error)
            .await;
        None
    }

    async fn find(&self) -> Result<Option<FromDisk>, FilesError> {
        let path = self.saved_copy();
        // In parallel: the keychain takes as long as the disk.
        let file = spawn_blocking(move || atomic::read(&path, MAX_BYTES));
        let (file, key) = tokio::join!(file, self.key_if_any());
        let file = match file? {
            OnDisk::Absent => return Ok(None),
            OnDisk::Readable(file) => file,
            OnDisk::Unreadable(why) => return Err(why.into()),
        };
        let key = key?.ok_or(FilesError::NoKey)?;
        let slot = self.clone();
        let opened = spawn_blocking(move || slot.open(file, &key)).await?;
        opened.map(Some)
    }

    fn open(&self, mut file: Vec<u8>, key: &FileKey) -> Result<FromDisk, FilesError> {
        let text = seal::open(&mut file, key, &self.data())?;
        let (header, snapshot) = seal::part(text).ok_or(FilesError::Foreign)?;
        let header: SavedCopyHeader = serde_json::from_slice(header)?;
        let header = Header::try_from(header).map_err(|_| FilesError::Foreign)?;
        if header.organization.id != *self.organization() {
            return Err(FilesError::Foreign);
        }
        let directory = Directory::restore(snapshot)?;
        Ok(FromDisk { header, directory })
    }

    /// Saves a directory here if that is still `allowed`: no file may be written after a sign-out. A guest
    /// saves only while the data directory has no owner. Returns whether it is saved; a failure is logged,
    /// and the previous file stays then.
    pub async fn save(&self, header: Header, snapshot: Vec<u8>, allowed: impl Fn() -> bool) -> bool {
        let guard = self.files().lock_copies().await;
        if !allowed() || !self.files().may_save_copies().await {
            return false;
        }
        let kept = self.put(header, snapshot, guard).await;
        if let Err(error) = &kept {
            tracing::warn!(%error, "the list could not be kept on disk");
            if let FilesError::File(error) = error {
                self.notices()
                    .not_written(DiskThing::SavedCopy, &self.saved_copy(), error);
            }
        }
        kept.is_ok()
    }

    async fn put(&self, header: Header, snapshot: Vec<u8>, guard: QueuedGuard) -> Result<(), FilesError> {
        let key = self.key().await?;
        let slot = self.clone();
        spawn_blocking(move || {
            // Runs to the end of the write, even if the caller is dropped.
            let _guard = guard;
            let header = serde_json::to_vec(&SavedCopyHeader::from(header))?;
            let mut file = seal::head(4 + header.len() + snapshot.len());
            let len = u32::try_from(header.len()).map_err(|_| FilesError::Foreign)?;
            file.extend(len.to_be_bytes());
            file.extend(header);
            file.extend_from_slice(&snapshot);
            drop(snapshot);
            let file = seal::seal_in_place(file, &key, &slot.data())?;
            Ok(atomic::replace(&slot.saved_copy(), &file)?)
        })
        .await?
    }

    fn data(&self) -> AssociatedData {
        self.place(FileKind::Directory).data()
    }
}

/// Whether the path has a saved copy's extension.
fn is_saved_copy(path: &Path) -> bool {
    path.extension().is_some_and(|kind| kind == stored::SAVED_COPY)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
