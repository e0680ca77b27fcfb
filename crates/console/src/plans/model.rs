//! A plan in memory: people, groups, the prediction for each membership, and the results. No I/O, not async.
//! Must never store a text per line: a line is a few numbers, and a plan has up to [`super::MAX_LINES`] of
//! them.

use ids::{GroupId, UserId};

use crate::error::{AppError, ErrorCode};
use crate::memberships::{Delta, Written};
use crate::wire::{BlockedReason, GroupRef, Outcome, PlanLine, PlanVerb, Planned, UserRef};

/// The lists' prediction for a membership. Only what the run reads decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prediction {
    /// A change is expected.
    Change,
    /// No change is expected.
    Unchanged,
    /// It can't be changed.
    Blocked(BlockedReason),
}

/// A group of a plan, with the wanted membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanGroup {
    /// The group.
    pub group: GroupRef,
    /// True to add people to it, false to remove them.
    pub adding: bool,
}

/// The people of a plan, with all texts in one string.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    text: String,
    /// The end of id, name and address of each person in that string.
    ends: Vec<[u32; 3]>,
}

impl People {
    /// Adds a person.
    pub fn push(&mut self, id: &str, name: &str, email: &str) {
        let ends = [id, name, email].map(|part| {
            self.text.push_str(part);
            u32::try_from(self.text.len()).unwrap_or(u32::MAX)
        });
        self.ends.push(ends);
    }

    /// Number of people.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Id, name and address of a person; empty for an unknown index.
    pub fn get(&self, person: u32) -> [&str; 3] {
        let at = person as usize;
        let before = at.checked_sub(1).and_then(|at| self.ends.get(at));
        let mut from = before.map_or(0, |ends| ends[2]);
        self.ends.get(at).map_or([""; 3], |ends| {
            ends.map(|end| {
                let part = self.text.get(from as usize..end as usize).unwrap_or_default();
                from = end;
                part
            })
        })
    }

    /// The id of a person, as it is sent to the UI.
    pub fn id(&self, person: u32) -> Option<UserId> {
        let [id, ..] = self.get(person);
        UserId::try_from(id).ok()
    }

    /// Releases unused capacity.
    pub fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// One membership: the indexes of a person and a group, and the prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Index in [`ChangeSet::people`].
    pub person: u32,
    /// Index in [`ChangeSet::groups`].
    pub group: u16,
    /// The prediction.
    pub predicted: Prediction,
}

/// What is asked for, and the prediction for it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeSet {
    /// The request, for the heading.
    pub verb: PlanVerb,
    /// The people.
    pub people: People,
    /// The groups.
    pub groups: Vec<PlanGroup>,
    /// Lines: expected changes first, then lines without a change, then those that can't be changed.
    pub lines: Vec<Line>,
}

/// Number of lines of each prediction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Predicted {
    /// To be added.
    pub adds: u32,
    /// To be removed.
    pub removes: u32,
    /// No change expected.
    pub unchanged: u32,
    /// Can't be changed.
    pub blocked: u32,
    /// Lines that the run reads: all except those that can't be changed whatever the server answers.
    pub checked: u32,
}

/// Lines of one person that are still to be checked and written.
pub type PersonLines = (u32, Vec<u32>);

impl ChangeSet {
    /// Sorts the lines in their display order.
    pub fn sort(&mut self) {
        let Self { lines, groups, .. } = self;
        lines.sort_by_key(|line| match line.predicted {
            Prediction::Change if adding(groups, *line) => 0,
            Prediction::Change => 1,
            Prediction::Unchanged => 2,
            Prediction::Blocked(_) => 3,
        });
    }

    /// Whether a line adds a membership.
    pub fn is_adding(&self, line: Line) -> bool {
        adding(&self.groups, line)
    }

    /// Counts the lines of each prediction.
    pub fn predicted(&self) -> Predicted {
        let mut counts = Predicted::default();
        for line in &self.lines {
            match line.predicted {
                Prediction::Change if self.is_adding(*line) => counts.adds += 1,
                Prediction::Change => counts.removes += 1,
                Prediction::Unchanged => counts.unchanged += 1,
                Prediction::Blocked(_) => counts.blocked += 1,
            }
            counts.checked += u32::from(is_checked(*line));
        }
        counts
    }

    /// A line for the UI.
    pub fn line(&self, line: Line, outcome: Option<Outcome>) -> Option<PlanLine> {
        let [_, name, email] = self.people.get(line.person);
        Some(PlanLine {
            user: UserRef {
                id: self.people.id(line.person)?,
                name: name.to_owned(),
                email: email.to_owned(),
            },
            group: self.groups.get(usize::from(line.group))?.group.clone(),
            planned: match line.predicted {
                Prediction::Change if self.is_adding(line) => Planned::Add,
                Prediction::Change => Planned::Remove,
                Prediction::Unchanged => Planned::Unchanged,
                Prediction::Blocked(reason) => Planned::Blocked { reason },
            },
            outcome,
        })
    }

    /// The groups of the request that the lists do not contain.
    pub fn unknown_groups(&self, lines: &[PersonLines]) -> Vec<u16> {
        let mut groups: Vec<u16> = lines
            .iter()
            .flat_map(|(_, lines)| lines)
            .filter_map(|at| self.lines.get(*at as usize))
            .filter(|line| line.predicted == Prediction::Blocked(BlockedReason::GroupGone))
            .map(|line| line.group)
            .collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// The groups that these lines add to, each once.
    pub fn adding_to(&self, lines: &[u32]) -> Vec<(u16, &GroupId)> {
        let lines = lines.iter().filter_map(|at| self.lines.get(*at as usize));
        let adding = lines.filter(|line| self.is_adding(**line));
        let mut groups: Vec<_> = adding
            .filter_map(|line| Some((line.group, self.group_of(*line)?)))
            .collect();
        groups.sort_unstable_by_key(|(at, _)| *at);
        groups.dedup_by_key(|(at, _)| *at);
        groups
    }

    /// The delta of a person for these lines.
    pub fn delta(&self, lines: &[u32]) -> Delta {
        let mut delta = Delta::default();
        for line in lines.iter().filter_map(|at| self.lines.get(*at as usize)) {
            if let Some(group) = self.group_of(*line) {
                match self.is_adding(*line) {
                    true => delta.add.push(group.clone()),
                    false => delta.remove.push(group.clone()),
                }
            }
        }
        delta
    }

    fn group_of(&self, line: Line) -> Option<&GroupId> {
        let group = self.groups.get(usize::from(line.group))?;
        Some(&group.group.id)
    }

    /// Whether a person with these groups already satisfies all these lines.
    pub fn is_as_asked(&self, lines: &[u32], member_of: &[GroupId]) -> bool {
        lines
            .iter()
            .filter_map(|at| self.lines.get(*at as usize))
            .all(|line| {
                self.group_of(*line)
                    .is_some_and(|group| member_of.contains(group) == self.is_adding(*line))
            })
    }

    /// The result of each line of a person who was read, and written where needed. A line that the server
    /// satisfied before the write is "no change needed".
    pub fn outcomes(
        &self,
        lines: &[u32],
        written: &Written,
        named: &impl Fn(&[GroupId]) -> Vec<GroupRef>,
    ) -> Vec<(Vec<u32>, Outcome)> {
        let (unchanged, changed) = self.split(lines, &written.before);
        let changed_as = match (&written.appeared[..], &written.vanished[..]) {
            ([], []) => Outcome::Applied,
            (appeared, vanished) => Outcome::ChangedMeanwhile {
                appeared: named(appeared),
                vanished: named(vanished),
            },
        };
        pairs([(unchanged, Outcome::Unchanged), (changed, changed_as)])
    }

    /// The result of each line of a person who could not be written. `before` are their groups, if they were
    /// read.
    pub fn failures(
        &self,
        lines: &[u32],
        error: &AppError,
        before: Option<&[GroupId]>,
    ) -> Vec<(Vec<u32>, Outcome)> {
        let (unchanged, left) = match before {
            Some(before) => self.split(lines, before),
            None => (Vec::new(), lines.to_vec()),
        };
        let mut failed = Vec::new();
        let (mut unchanged, mut out) = (unchanged, Vec::new());
        for at in left {
            let Some(line) = self.lines.get(at as usize) else {
                continue;
            };
            match line.predicted {
                // A person whom the printing server does not know is in no group.
                Prediction::Unchanged if !self.is_adding(*line) && error.code == ErrorCode::UserGone => {
                    unchanged.push(at);
                }
                Prediction::Blocked(
                    reason @ (BlockedReason::UserGone | BlockedReason::NotOnPrintingServer),
                ) if error.code == ErrorCode::UserGone => {
                    out.push((vec![at], Outcome::Blocked { reason }));
                }
                _ => failed.push(at),
            }
        }
        let error = error.clone();
        out.extend(pairs([
            (unchanged, Outcome::Unchanged),
            (failed, Outcome::Failed { error }),
        ]));
        out
    }

    /// Splits lines into those that these groups satisfy and the others.
    fn split(&self, lines: &[u32], member_of: &[GroupId]) -> (Vec<u32>, Vec<u32>) {
        lines.iter().partition(|at| self.is_as_asked(&[**at], member_of))
    }
}

fn pairs(of: [(Vec<u32>, Outcome); 2]) -> Vec<(Vec<u32>, Outcome)> {
    of.into_iter().filter(|(lines, _)| !lines.is_empty()).collect()
}

fn adding(groups: &[PlanGroup], line: Line) -> bool {
    groups
        .get(usize::from(line.group))
        .is_none_or(|group| group.adding)
}

/// Whether the run reads a line. A group synced from Microsoft Entra ID is changed there, so a read can't
/// help.
fn is_checked(line: Line) -> bool {
    line.predicted != Prediction::Blocked(BlockedReason::SyncedFromAzure)
}

/// The results so far.
#[derive(Debug, Default)]
pub struct Outcomes {
    /// For each line 0, or its index in `kinds` plus one.
    of: Vec<u32>,
    kinds: Vec<Outcome>,
    counts: Counts,
}

/// Number of lines of each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Written.
    pub applied: u32,
    /// No change needed, as read from the server.
    pub unchanged: u32,
    /// Can't be changed, as the server says.
    pub blocked: u32,
    /// Not written.
    pub failed: u32,
    /// Of those written, changed by another admin at the same time.
    pub changed_meanwhile: u32,
    /// Recorded by another version of the app, unknown to this one.
    pub unknown: u32,
}

impl Counts {
    fn of(&mut self, outcome: &Outcome) -> [Option<&mut u32>; 2] {
        match outcome {
            Outcome::Applied => [Some(&mut self.applied), None],
            Outcome::ChangedMeanwhile { .. } => [Some(&mut self.applied), Some(&mut self.changed_meanwhile)],
            Outcome::Unchanged => [Some(&mut self.unchanged), None],
            Outcome::Blocked { .. } => [Some(&mut self.blocked), None],
            Outcome::Failed { .. } => [Some(&mut self.failed), None],
            Outcome::Unknown => [Some(&mut self.unknown), None],
        }
    }

    /// Lines that were tried, with any outcome.
    pub fn done(&self) -> u32 {
        self.applied + self.unchanged + self.blocked + self.failed
    }
}

impl Outcomes {
    /// No results, for this number of lines.
    pub fn new(lines: usize) -> Self {
        Self {
            of: vec![0; lines],
            ..Self::default()
        }
    }

    /// Whether no line has a result.
    pub fn is_empty(&self) -> bool {
        self.counts == Counts::default()
    }

    /// The result of a line.
    pub fn get(&self, line: u32) -> Option<&Outcome> {
        let kind = *self.of.get(line as usize)?;
        self.kinds.get((kind as usize).checked_sub(1)?)
    }

    /// Number of lines of each outcome.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Records the result of some lines. Unknown line numbers are ignored.
    pub fn record(&mut self, lines: &[u32], outcome: &Outcome) {
        // Most results are equal, and equal failures usually follow each other.
        let recent = self.kinds.iter().rev().take(8).position(|kind| kind == outcome);
        let kind = match recent {
            Some(back) => self.kinds.len() - back,
            None => {
                self.kinds.push(outcome.clone());
                self.kinds.len()
            }
        };
        for line in lines {
            self.forget(*line);
            if let Some(of) = self.of.get_mut(*line as usize) {
                *of = u32::try_from(kind).unwrap_or_default();
                for count in self.counts.of(outcome).into_iter().flatten() {
                    *count += 1;
                }
            }
        }
    }

    /// Removes a line's result: it is tried again.
    pub fn forget(&mut self, line: u32) {
        if let Some(before) = self.get(line).cloned() {
            for count in self.counts.of(&before).into_iter().flatten() {
                *count = count.saturating_sub(1);
            }
            if let Some(of) = self.of.get_mut(line as usize) {
                *of = 0;
            }
        }
    }

    /// Lets go of what no line came to any more.
    pub fn compact(&mut self) {
        let mut places = vec![0_u32; self.kinds.len()];
        let mut kinds = Vec::new();
        for of in self.of.iter_mut().filter(|of| **of > 0) {
            let before = *of as usize - 1;
            if let (Some(place), Some(kind)) = (places.get_mut(before), self.kinds.get(before)) {
                if *place == 0 {
                    kinds.push(kind.clone());
                    *place = u32::try_from(kinds.len()).unwrap_or_default();
                }
                *of = *place;
            }
        }
        self.kinds = kinds;
    }

    /// How many different outcomes are held.
    #[cfg(test)]
    pub fn kinds(&self) -> usize {
        self.kinds.len()
    }

    /// The lines that a run tries, by person, in line order: not tried, failed or unknown ones.
    pub fn pending(&self, set: &ChangeSet) -> Vec<PersonLines> {
        let mut place: Vec<u32> = vec![u32::MAX; set.people.len()];
        let mut order: Vec<PersonLines> = Vec::new();
        for (at, line) in (0_u32..).zip(&set.lines) {
            let open = matches!(
                self.get(at),
                None | Some(Outcome::Failed { .. } | Outcome::Unknown)
            );
            let Some(place) = place
                .get_mut(line.person as usize)
                .filter(|_| open && is_checked(*line))
            else {
                continue;
            };
            if *place == u32::MAX {
                *place = u32::try_from(order.len()).unwrap_or(u32::MAX);
                order.push((line.person, Vec::new()));
            }
            if let Some((_, lines)) = order.get_mut(*place as usize) {
                lines.push(at);
            }
        }
        order
    }
}

/// The groups of a request without duplicates: additions first, then removals.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`] for no group, more than `most` groups, or a group in both lists.
pub fn groups_of(add: &[GroupId], remove: &[GroupId], most: usize) -> Result<Vec<(GroupId, bool)>, AppError> {
    let mut groups: Vec<(GroupId, bool)> = Vec::new();
    let mut seen = std::collections::HashMap::new();
    let both = add
        .iter()
        .map(|id| (id, true))
        .chain(remove.iter().map(|id| (id, false)));
    let mut contradicts = false;
    for (id, adding) in both {
        match seen.insert(id.clone(), adding) {
            None => groups.push((id.clone(), adding)),
            Some(before) => contradicts |= before != adding,
        }
    }
    if groups.is_empty() || groups.len() > most || contradicts {
        let field = "groups".into();
        return Err(ErrorCode::ArgumentInvalid { field }.into());
    }
    Ok(groups)
}
