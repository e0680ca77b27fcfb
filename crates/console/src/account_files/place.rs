//! The data that a sealed file of a holder is bound to (security.md 43, 61).

use ezeep_auth::RecordName;
use ids::{HolderId, OrganizationId, PlanId};
use vault::seal::AssociatedData;

/// The place of a file: holder, organization, kind.
pub struct Place<'a> {
    /// The holder whose key seals it.
    pub holder: &'a HolderId,
    /// The organization that it belongs to.
    pub organization: &'a OrganizationId,
    /// What it contains.
    pub kind: FileKind<'a>,
}

/// The kinds of sealed files.
#[derive(Clone, Copy)]
pub enum FileKind<'a> {
    /// The organization's users and groups.
    Directory,
    /// Its saved views.
    Views,
    /// A plan.
    Plan(&'a PlanId),
    /// A result of a plan.
    PlanResult(&'a PlanId),
}

impl Place<'_> {
    /// The associated data that a file of this place is sealed with. If it changes, all existing files become
    /// unreadable.
    pub fn data(&self) -> AssociatedData {
        let place = [
            RecordName::SERVICE,
            self.holder.as_str(),
            self.organization.as_str(),
        ];
        let kind: &[&str] = match self.kind {
            FileKind::Directory => &[],
            FileKind::Views => &["views"],
            FileKind::Plan(id) => &["plan", id.as_str()],
            FileKind::PlanResult(id) => &["note", id.as_str()],
        };
        AssociatedData::new(place.iter().chain(kind).copied())
    }
}

#[cfg(test)]
mod tests {
    use vault::FileKey;
    use vault::seal::{self, SealError};

    use super::*;
    use crate::runner::sample::id;

    /// security.md 43, 61.
    #[test]
    fn a_file_opens_in_its_own_place_alone() {
        let key = FileKey::random();
        let (a, b, o, p): (HolderId, HolderId, OrganizationId, OrganizationId) =
            (id("a"), id("b"), id("o"), id("p"));
        let (one, other): (PlanId, PlanId) = (id("p"), id("q"));
        let kinds = [
            FileKind::Directory,
            FileKind::Views,
            FileKind::Plan(&one),
            FileKind::Plan(&other),
            FileKind::PlanResult(&one),
            FileKind::PlanResult(&other),
        ];
        let places = [(&a, &o), (&b, &o), (&a, &p)]
            .into_iter()
            .flat_map(|(holder, organization)| {
                kinds.map(|kind| Place {
                    holder,
                    organization,
                    kind,
                })
            });
        let places: Vec<_> = places.map(|place| place.data()).collect();
        for (n, sealed) in places.iter().enumerate() {
            let file = seal::seal(b"Zoe", &key, sealed).unwrap();
            for (m, place) in places.iter().enumerate() {
                let opened = seal::open(&mut file.clone(), &key, place).map(<[u8]>::to_vec);
                let wanted = if n == m {
                    Ok(b"Zoe".to_vec())
                } else {
                    Err(SealError::Broken)
                };
                assert_eq!(opened, wanted, "{n} {m}");
            }
        }
    }

    /// Sealed by another program (OpenSSL) in the format that vault/src/seal.rs describes.
    #[test]
    fn the_form_of_a_sealed_file_stays() {
        let key = FileKey::from_bytes(&[&[1][..], &[7; 32]].concat()).unwrap();
        let (holder, organization, plan): (HolderId, OrganizationId, PlanId) = (id("a"), id("o"), id("p"));
        let cases = [
            (FileKind::Directory, "1277b7d685e330ec1292788d9f6ca5997"),
            (FileKind::Views, "134773c37d19b15812d436d3a24970290"),
            (FileKind::Plan(&plan), "18ce34b2ab606430a09b790779a3567f9"),
            (FileKind::PlanResult(&plan), "1f2d32f3984ec084fc7a53cd84c57cbed"),
        ];
        for (kind, end) in cases {
            let hex = format!("5052535344495200010909090909090909090909097deae{end}");
            let mut file: Vec<u8> = (0..hex.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
                .collect();
            let place = Place {
                holder: &holder,
                organization: &organization,
                kind,
            };
            assert_eq!(
                seal::open(&mut file, &key, &place.data()),
                Ok(&b"Zoe"[..]),
                "{end}"
            );
        }
    }
}
