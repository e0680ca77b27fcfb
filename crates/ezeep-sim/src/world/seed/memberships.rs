//! Brings the number of memberships to the one that was asked for. Where none was asked for it draws nothing,
//! so that every other organization stays what it was.

use rand_pcg::Pcg64;

use super::dice::below;
use super::plan::Draft;
use crate::world::organization::GroupIx;

/// Added to an organization's random stream: what is drawn here moves nothing that is drawn elsewhere.
const STREAM: u128 = 1 << 64;
/// So many draws for each membership that is missing; what is missing then is given out in order.
const DRAWS: u64 = 20;

/// Adds or takes away memberships of the people in `drafts` until there are `wanted` in all, `held` by others
/// included, or as many as there can be. The groups in `fixed` keep their members, and whoever is in no group
/// stays in none, for a list of those is worth having.
pub(super) fn bring_to(
    wanted: u32,
    held: usize,
    drafts: &mut [Draft],
    groups: usize,
    fixed: &[GroupIx],
    (seed, stream): (u64, u128),
) {
    let mut rng = Pcg64::new(u128::from(seed), stream + STREAM);
    let open: Vec<GroupIx> = (0..groups as u32)
        .map(GroupIx)
        .filter(|ix| !fixed.contains(ix))
        .collect();
    let mut lists: Vec<&mut Vec<GroupIx>> = drafts
        .iter_mut()
        .map(|draft| &mut draft.member.groups)
        .filter(|list| !list.is_empty())
        .collect();
    let there = held + lists.iter().map(|list| list.len()).sum::<usize>();
    let wanted = wanted as usize;
    if wanted > there {
        add(&mut rng, &mut lists, &open, wanted - there);
    } else {
        take_away(&mut rng, &mut lists, fixed, there - wanted);
    }
}

fn add(rng: &mut Pcg64, lists: &mut [&mut Vec<GroupIx>], open: &[GroupIx], mut missing: usize) {
    if lists.is_empty() || open.is_empty() {
        return;
    }
    let mut draws = missing as u64 * DRAWS;
    while missing > 0 && draws > 0 {
        draws -= 1;
        let list = &mut lists[below(rng, lists.len() as u32) as usize];
        // The first groups are the large ones, as everywhere in the seed.
        let place = f64::from(below(rng, 1 << 20)) / f64::from(1 << 20);
        let ix = open[(place * place * open.len() as f64) as usize];
        if !list.contains(&ix) {
            list.push(ix);
            missing -= 1;
        }
    }
    for list in lists {
        for ix in open {
            if missing > 0 && !list.contains(ix) {
                list.push(*ix);
                missing -= 1;
            }
        }
    }
}

fn take_away(rng: &mut Pcg64, lists: &mut [&mut Vec<GroupIx>], fixed: &[GroupIx], mut extra: usize) {
    if lists.is_empty() {
        return;
    }
    let mut draws = extra as u64 * DRAWS;
    // One is left to everybody for as long as that works.
    for least in [1, 0] {
        while extra > 0 && draws > 0 {
            draws -= 1;
            let list = &mut lists[below(rng, lists.len() as u32) as usize];
            extra -= usize::from(leave_one(list, least, fixed));
        }
        for list in lists.iter_mut() {
            while extra > 0 && leave_one(list, least, fixed) {
                extra -= 1;
            }
        }
    }
}

/// Takes the last group that may be left, where more than `least` are there; gives whether it did.
fn leave_one(list: &mut Vec<GroupIx>, least: usize, fixed: &[GroupIx]) -> bool {
    let last = list.iter().rposition(|ix| !fixed.contains(ix));
    let Some(last) = last.filter(|_| list.len() > least) else {
        return false;
    };
    list.remove(last);
    true
}
