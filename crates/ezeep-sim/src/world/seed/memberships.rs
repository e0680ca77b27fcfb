//! Changes the number of memberships to the requested one. Without a request it draws nothing, so that all
//! other organizations stay the same.

use rand_pcg::Pcg64;

use super::dice::below;
use super::plan::Draft;
use crate::world::organization::GroupIx;

/// Added to an organization's random stream, so that draws here change nothing elsewhere.
const STREAM: u128 = 1 << 64;
/// Draws for each missing membership; what is then missing is assigned in order.
const DRAWS: u64 = 20;

/// Adds or removes memberships of the people in `drafts` until there are `wanted` in all, including `held` by
/// others, or as many as possible. The groups in `fixed` keep their members, and people in no group stay in
/// none, because the list of these is useful.
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
    // One is left to each person as long as possible.
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

/// Removes the last group that may be left, if there are more than `least`. Returns whether it did.
fn leave_one(list: &mut Vec<GroupIx>, least: usize, fixed: &[GroupIx]) -> bool {
    let last = list.iter().rposition(|ix| !fixed.contains(ix));
    let Some(last) = last.filter(|_| list.len() > least) else {
        return false;
    };
    list.remove(last);
    true
}
