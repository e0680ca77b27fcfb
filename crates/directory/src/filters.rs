//! The filters of a query, each as the set of people who pass it, and how they combine. Works on sets only:
//! knows neither texts nor how a person is stored.

use fixedbitset::FixedBitSet;

use crate::model::{Person, PrintSetting, Role, UserState};

/// A filter. Its values are alternatives; all filters must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// In one of some groups, or in no group.
    Groups,
    Role,
    State,
    Origin,
    Setting(PrintSetting),
}

impl Filter {
    const COUNT: usize = 7;

    fn place(self) -> usize {
        match self {
            Self::Groups => 0,
            Self::Role => 1,
            Self::State => 2,
            Self::Origin => 3,
            Self::Setting(setting) => 4 + setting as usize,
        }
    }
}

/// The people who pass each filter that is set.
#[derive(Debug, Default)]
pub struct FilterSets([Option<FixedBitSet>; Filter::COUNT]);

impl FilterSets {
    /// Sets a filter.
    pub fn set(&mut self, filter: Filter, passes: FixedBitSet) {
        self.0[filter.place()] = Some(passes);
    }

    /// Whether a filter is set.
    pub fn is_set(&self, filter: Filter) -> bool {
        self.0[filter.place()].is_some()
    }

    /// Removes those who fail a filter.
    pub fn narrow(&self, slots: &mut FixedBitSet) {
        self.0
            .iter()
            .flatten()
            .for_each(|passes| slots.intersect_with(passes));
    }

    /// Removes those who fail a filter other than this one.
    pub fn narrow_without(&self, slots: &mut FixedBitSet, filter: Filter) {
        let others = self.0.iter().enumerate();
        others
            .filter(|(place, _)| *place != filter.place())
            .filter_map(|(_, passes)| passes.as_ref())
            .for_each(|passes| slots.intersect_with(passes));
    }

    /// Removes those who fail more than one filter: all others may be counted with some filter left out.
    pub fn retain_failing_at_most_one(&self, slots: &mut FixedBitSet) {
        let mut fail_none = slots.clone();
        let mut fail_one = FixedBitSet::with_capacity(slots.len());
        for passes in self.0.iter().flatten() {
            let mut fail_first_here = fail_none.clone();
            fail_first_here.difference_with(passes);
            fail_one.intersect_with(passes);
            fail_one.union_with(&fail_first_here);
            fail_none.intersect_with(passes);
        }
        fail_none.union_with(&fail_one);
        *slots = fail_none;
    }
}

/// The set of people for each value that is stored as one bit.
#[derive(Debug, Default)]
pub struct Flags([FixedBitSet; 16]);

/// The number of such a value.
pub type Flag = usize;
/// The slot is in use.
pub const LIVE: Flag = 0;
/// In no group.
pub const NO_GROUP: Flag = 1;

/// Has the role.
pub fn role_flag(role: Role) -> Flag {
    2 + role as usize
}

/// Is in the state.
pub fn state_flag(state: UserState) -> Flag {
    5 + state as usize
}

/// Has the setting on or off; people with unknown settings have neither.
pub fn setting_flag(setting: PrintSetting, on: bool) -> Flag {
    10 + 2 * setting as usize + usize::from(on)
}

impl Flags {
    /// The people with a flag.
    pub fn people(&self, flag: Flag) -> &FixedBitSet {
        &self.0[flag]
    }

    /// Sets or clears one flag of a person.
    pub fn set(&mut self, slot: u32, flag: Flag, there: bool) {
        let people = &mut self.0[flag];
        people.grow(slot as usize + 1);
        people.set(slot as usize, there);
    }

    /// Sets the flags of a person, except [`NO_GROUP`], which follows from their groups and is set
    /// afterwards.
    pub fn write(&mut self, slot: u32, person: &Person) {
        self.clear(slot);
        self.set(slot, LIVE, true);
        self.set(slot, role_flag(person.role), true);
        self.set(slot, state_flag(person.state), true);
        if let Some(settings) = person.settings {
            for setting in PrintSetting::ALL {
                let on = match setting {
                    PrintSetting::LocalPrinting => settings.local_printing,
                    PrintSetting::SelfService => settings.self_service,
                    PrintSetting::MyPrinters => settings.my_printers,
                };
                self.set(slot, setting_flag(setting, on), true);
            }
        }
    }

    /// Clears all flags of a person.
    pub fn clear(&mut self, slot: u32) {
        (0..self.0.len()).for_each(|flag| self.set(slot, flag, false));
    }

    /// The people with one of the flags; `None` if there are no flags.
    pub fn any(&self, flags: impl Iterator<Item = Flag>) -> Option<FixedBitSet> {
        flags
            .map(|flag| &self.0[flag])
            .fold(None, |any: Option<FixedBitSet>, people| match any {
                None => Some(people.clone()),
                Some(mut any) => {
                    any.union_with(people);
                    Some(any)
                }
            })
    }
}
