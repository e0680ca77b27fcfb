//! Sealed bytes: encrypted, and bound to what they are of, so that they open nowhere else. Owns the form of a kept file, and of a
//! part of one.
//! Must never give out a byte of what was not sealed by the same key for the same place.
//!
//! A file is [`MAGIC`], the form's version, the nonce, and the text under AES-256-GCM with its tag. What was not sealed by this key
//! for this account, organization and purpose of this app does not open: [`Place`] is the associated data.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ezeep_auth::{FileKey, RecordName};
use ids::{AccountId, OrganizationId, PlanId};

/// First bytes of a sealed text.
pub const MAGIC: &[u8; 8] = b"PRSSDIR\0";
/// Raised when the form changes its meaning.
const VERSION: u8 = 1;
/// What stands before the encrypted part.
pub const HEAD: usize = MAGIC.len() + 1 + NONCE_LEN;

/// Why a file does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It is of another version of the app.
    #[error("it is of another version")]
    OtherVersion,
    /// It is cut off, changed, sealed by another key, or of another account or organization: which of these can't be told.
    #[error("it is damaged or was made for another place")]
    Broken,
    /// The cipher refused; a fault of the app.
    #[error("the cipher refused")]
    Cipher,
}

/// What a file is of (security.md 43).
pub struct Place<'a> {
    /// Whose.
    pub account: &'a AccountId,
    /// Of which organization.
    pub organization: &'a OrganizationId,
    /// What of it.
    pub what: What<'a>,
}

/// What of an organization is sealed.
#[derive(Clone, Copy)]
pub enum What<'a> {
    /// Its people and groups.
    Directory,
    /// The saved views of an organization.
    Views,
    /// A plan.
    Plan(&'a PlanId),
    /// A result of a plan.
    Note(&'a PlanId),
}

impl Place<'_> {
    fn associated(&self) -> Aad<Vec<u8>> {
        let mut data = vec![VERSION];
        let whose = [
            RecordName::SERVICE,
            self.account.as_str(),
            self.organization.as_str(),
        ];
        let what: &[&str] = match self.what {
            What::Directory => &[],
            What::Views => &["views"],
            What::Plan(id) => &["plan", id.as_str()],
            What::Note(id) => &["note", id.as_str()],
        };
        for part in whose.iter().chain(what) {
            // Length first, so that no two lists of parts run into the same bytes.
            data.extend((part.len() as u64).to_be_bytes());
            data.extend(part.as_bytes());
        }
        Aad::from(data)
    }
}

/// Room for the head of a file, to be followed by the text that [`seal`] encrypts where it stands.
pub fn head(room: usize) -> Vec<u8> {
    let mut file = Vec::with_capacity(HEAD + room + AES_256_GCM.tag_len());
    file.resize(HEAD, 0);
    file
}

/// Seals the text behind the [`head`], in place: a second copy of a large directory would count.
pub fn seal(mut file: Vec<u8>, key: &FileKey, place: &Place<'_>) -> Result<Vec<u8>, SealError> {
    let nonce: [u8; NONCE_LEN] = rand::random();
    let (head, text) = file.split_at_mut_checked(HEAD).ok_or(SealError::Cipher)?;
    let tag = cipher(key)?
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), place.associated(), text)
        .map_err(|_| SealError::Cipher)?;
    head[..MAGIC.len()].copy_from_slice(MAGIC);
    head[MAGIC.len()] = VERSION;
    head[MAGIC.len() + 1..].copy_from_slice(&nonce);
    file.extend_from_slice(tag.as_ref());
    Ok(file)
}

/// Opens a file in place and gives the text.
pub fn open<'a>(file: &'a mut [u8], key: &FileKey, place: &Place<'_>) -> Result<&'a [u8], SealError> {
    let (head, sealed) = file.split_at_mut_checked(HEAD).ok_or(SealError::Broken)?;
    let (magic, rest) = head.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(SealError::Broken);
    }
    if rest[0] != VERSION {
        return Err(SealError::OtherVersion);
    }
    let nonce = Nonce::try_assume_unique_for_key(&rest[1..]).map_err(|_| SealError::Cipher)?;
    cipher(key)?
        .open_in_place(nonce, place.associated(), sealed)
        .map(|text| &*text)
        .map_err(|_| SealError::Broken)
}

/// A part that stands behind its length (four bytes, the high one first), and what follows it; none where that is cut off.
pub fn part(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = text.split_first_chunk()?;
    rest.split_at_checked(u32::from_be_bytes(*length).try_into().ok()?)
}

fn cipher(key: &FileKey) -> Result<LessSafeKey, SealError> {
    UnboundKey::new(&AES_256_GCM, key.expose())
        .map(LessSafeKey::new)
        .map_err(|_| SealError::Cipher)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn account(text: &str) -> AccountId {
        AccountId::try_from(text.to_owned()).unwrap()
    }

    fn organization(text: &str) -> OrganizationId {
        OrganizationId::try_from(text.to_owned()).unwrap()
    }

    fn sealed(text: &[u8], key: &FileKey, of: (&str, &str)) -> Vec<u8> {
        let mut file = head(text.len());
        file.extend_from_slice(text);
        let (account, organization) = (account(of.0), organization(of.1));
        let place = Place {
            account: &account,
            organization: &organization,
            what: What::Directory,
        };
        seal(file, key, &place).unwrap()
    }

    fn opened(file: &[u8], key: &FileKey, of: (&str, &str)) -> Result<Vec<u8>, SealError> {
        let (account, organization) = (account(of.0), organization(of.1));
        let place = Place {
            account: &account,
            organization: &organization,
            what: What::Directory,
        };
        open(&mut file.to_vec(), key, &place).map(<[u8]>::to_vec)
    }

    /// security.md 43.
    #[test]
    fn a_file_opens_with_its_key_in_its_place_and_nowhere_else() {
        let key = FileKey::random();
        let file = sealed(b"Zoe", &key, ("a", "o"));
        assert_eq!(opened(&file, &key, ("a", "o")), Ok(b"Zoe".to_vec()));
        for elsewhere in [("b", "o"), ("a", "p"), ("ao", "o"), ("o", "a")] {
            assert_eq!(
                opened(&file, &key, elsewhere),
                Err(SealError::Broken),
                "{elsewhere:?}"
            );
        }
        assert_eq!(
            opened(&file, &FileKey::random(), ("a", "o")),
            Err(SealError::Broken)
        );
    }

    #[test]
    fn a_plan_does_not_open_as_another_or_as_what_it_is_not() {
        let key = FileKey::random();
        let (account, organization) = (account("a"), organization("o"));
        let plan = |text: &str| PlanId::try_from(text.to_owned()).unwrap();
        let (one, other) = (plan("p"), plan("q"));
        let place = |what| Place {
            account: &account,
            organization: &organization,
            what,
        };
        let mut file = head(3);
        file.extend_from_slice(b"Zoe");
        let file = seal(file, &key, &place(What::Plan(&one))).unwrap();
        assert_eq!(
            open(&mut file.clone(), &key, &place(What::Plan(&one))),
            Ok(&b"Zoe"[..])
        );
        for what in [What::Plan(&other), What::Note(&one), What::Directory, What::Views] {
            assert_eq!(
                open(&mut file.clone(), &key, &place(what)),
                Err(SealError::Broken)
            );
        }
    }

    /// Sealed by another program (OpenSSL) to the description above.
    #[test]
    fn the_form_of_a_sealed_file_stays() {
        let key = FileKey::from_bytes(&[&[1][..], &[7; 32]].concat()).unwrap();
        let (account, organization) = (account("a"), organization("o"));
        let plan = PlanId::try_from("p".to_owned()).unwrap();
        let cases = [
            (What::Directory, "1277b7d685e330ec1292788d9f6ca5997"),
            (What::Views, "134773c37d19b15812d436d3a24970290"),
            (What::Plan(&plan), "18ce34b2ab606430a09b790779a3567f9"),
            (What::Note(&plan), "1f2d32f3984ec084fc7a53cd84c57cbed"),
        ];
        for (what, end) in cases {
            let hex = format!("5052535344495200010909090909090909090909097deae{end}");
            let mut file: Vec<u8> = (0..hex.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
                .collect();
            let place = Place {
                account: &account,
                organization: &organization,
                what,
            };
            assert_eq!(open(&mut file, &key, &place), Ok(&b"Zoe"[..]), "{end}");
        }
    }

    #[test]
    fn the_same_text_is_never_the_same_file() {
        let key = FileKey::random();
        let (one, other) = (sealed(b"Zoe", &key, ("a", "o")), sealed(b"Zoe", &key, ("a", "o")));
        assert_ne!(one[HEAD..], other[HEAD..]);
        assert!(!one.windows(3).any(|part| part == b"Zoe"));
    }

    proptest! {
        #[test]
        fn no_changed_byte_goes_unseen(at in any::<prop::sample::Index>(), bit in 0..8_u8, cut in any::<bool>()) {
            let key = FileKey::random();
            let mut file = sealed(b"Zoe and Ali", &key, ("a", "o"));
            let at = at.index(file.len());
            if cut { file.truncate(at) } else { file[at] ^= 1 << bit }
            prop_assert!(opened(&file, &key, ("a", "o")).is_err());
        }
    }
}
