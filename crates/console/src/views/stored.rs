//! Conversions between the parts of a view on the wire and in the file.

use crate::stored::{
    StoredGroup, StoredOrigin, StoredPrintSetting, StoredRole, StoredSettingFilter, StoredSort, StoredState,
};
use crate::wire::{GroupRef, Origin, PrintSetting, Role, SettingFilter, UserColumn, UserState};

impl From<GroupRef> for StoredGroup {
    fn from(group: GroupRef) -> Self {
        Self {
            id: group.id.into(),
            name: group.name,
        }
    }
}

impl From<Origin> for StoredOrigin {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Ezeep => Self::Ezeep,
            Origin::Azure => Self::Azure,
            Origin::Other { provider } => Self::Other(provider),
        }
    }
}

impl From<StoredOrigin> for Origin {
    fn from(stored: StoredOrigin) -> Self {
        match stored {
            StoredOrigin::Ezeep => Self::Ezeep,
            StoredOrigin::Azure => Self::Azure,
            StoredOrigin::Other(provider) => Self::Other { provider },
        }
    }
}

impl From<SettingFilter> for StoredSettingFilter {
    fn from(filter: SettingFilter) -> Self {
        Self {
            setting: filter.setting.into(),
            on: filter.on,
        }
    }
}

impl From<StoredSettingFilter> for SettingFilter {
    fn from(stored: StoredSettingFilter) -> Self {
        Self {
            setting: stored.setting.into(),
            on: stored.on,
        }
    }
}

/// Maps each wire variant to a stored one and back: a new wire variant does not compile until it is added
/// here.
macro_rules! same {
    ($wire:ident, $stored:ident: $($variant:ident),+) => {
        impl From<$wire> for $stored {
            fn from(value: $wire) -> Self {
                match value { $($wire::$variant => Self::$variant),+ }
            }
        }
        impl From<$stored> for $wire {
            fn from(value: $stored) -> Self {
                match value { $($stored::$variant => Self::$variant),+ }
            }
        }
    };
}

same!(Role, StoredRole: Admin, User, Unknown);
same!(UserState, StoredState: Active, PendingInvitation, PrintingOnly, AccountOnly, Unsettled);
same!(PrintSetting, StoredPrintSetting: LocalPrinting, SelfService, MyPrinters);
same!(UserColumn, StoredSort: Name, Email, Groups, Role, State, Origin);
