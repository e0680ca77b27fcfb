//! The key of a holder's files: found in the keychain, made, put back. Must never replace a key that this
//! process uses by another one, make a key before the files of a missing one are set aside, nor put back a
//! key that another program's sign-out has removed.

use std::path::PathBuf;
use std::sync::Arc;

use ezeep_auth::RecordName;
use tokio::task::spawn_blocking;
use vault::{FileKey, atomic, folder};

use super::error::FilesError;
use super::files::Slot;
use super::key::{Keys, name};
use crate::wire::{DiskProblem, DiskThing};

impl Slot {
    /// The holder's key, if there is one.
    ///
    /// # Errors
    /// The keychain's.
    pub async fn key_if_any(&self) -> Result<Option<Arc<FileKey>>, FilesError> {
        self.find_key(false).await
    }

    /// The holder's key; made if there is none. Files sealed by a missing key are set aside first; a guest
    /// leaves such files in place, and then makes no key.
    ///
    /// # Errors
    /// The keychain's; [`FilesError::NoKey`] if a new key can't be read back, if a guest finds files of a
    /// missing key, or if another program's sign-out removes the files; those of the files that could not be
    /// set aside.
    pub async fn key(&self) -> Result<Arc<FileKey>, FilesError> {
        self.find_key(true).await?.ok_or(FilesError::NoKey)
    }

    async fn find_key(&self, make: bool) -> Result<Option<Arc<FileKey>>, FilesError> {
        let Keys { keychain, used } = &*self.files.keys;
        let name = name(&self.holder);
        let mut used = used.lock().await;
        let lost = used.get(&self.holder).cloned();
        let mut found = keychain.read_key(&name).await?;
        if found.is_none() && (make || lost.is_some()) {
            // Another process may be writing one too.
            let _lock = keychain.lock(&name).await?;
            found = keychain.read_key(&name).await?;
            if found.is_none() {
                if self.files.is_being_removed(&self.holder).await {
                    tracing::warn!("a sign-out is removing the files of a holder: its key is not put back");
                    return Ok(None);
                }
                let key = match lost {
                    Some(_) if !self.files.has_files(&self.holder).await => {
                        tracing::warn!(
                            "key and files of a holder are gone: another program has signed it out"
                        );
                        return Ok(None);
                    }
                    Some(key) => {
                        tracing::warn!("the keychain has lost the key of a holder's files; it is put back");
                        key
                    }
                    None => {
                        self.set_sealed_aside().await?;
                        Arc::new(FileKey::random())
                    }
                };
                keychain.write_key(&name, &key).await?;
                // Read back: only what the keychain returns will be there later (security.md 29).
                found = Some(keychain.read_key(&name).await?.ok_or(FilesError::NoKey)?);
            }
        }
        let found = found.map(Arc::new);
        if let Some(key) = &found {
            used.insert(self.holder.clone(), Arc::clone(key));
        }
        Ok(found)
    }

    /// Sets the holder's files aside. If one can't be listed or moved, or a guest finds any, no new key is
    /// made.
    async fn set_sealed_aside(&self) -> Result<(), FilesError> {
        let folders = self.files.folders_of(&self.holder);
        let sealed = spawn_blocking(move || {
            let sealed = folders.iter().map(|folder| folder::files_below(folder));
            let sealed = sealed.collect::<std::io::Result<Vec<_>>>()?.into_iter().flatten();
            let sealed = sealed.filter(|path| !atomic::is_set_aside(path) && !atomic::is_unfinished(path));
            Ok::<_, std::io::Error>(sealed.collect::<Vec<_>>())
        });
        let sealed = sealed.await??;
        if !self.files.is_owner() && !sealed.is_empty() {
            return Err(FilesError::NoKey);
        }
        let moved = spawn_blocking(move || {
            let mut moved = None;
            for path in sealed {
                moved = Some(atomic::set_aside(&path)?);
            }
            Ok::<_, std::io::Error>(moved)
        });
        if let Some(aside) = moved.await?? {
            self.files.notices.add(
                DiskThing::DataKey,
                DiskProblem::Missing,
                &self.key_place(),
                Some(&aside),
                &FilesError::NoKey.to_string(),
            );
        }
        Ok(())
    }

    /// The key's name in a notice. It must not contain the person's name.
    pub fn key_place(&self) -> PathBuf {
        PathBuf::from(format!("{}: {}", RecordName::SERVICE, name(&self.holder).user()))
    }
}
