//! Whether an event matches: for every path one leaf, all of them in the same elements of the arrays they share.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::event::{Leaf, Leaves, Membership};
use crate::matchers::Matcher;
use crate::parse::Alternative;

/// `None` when the event matches; otherwise the first path, in order, at which no combination of leaves goes on.
pub(crate) fn first_conflict<'p>(alternative: &'p Alternative, leaves: &Leaves<'_>) -> Option<&'p Arc<str>> {
    let fields: Vec<_> = alternative.iter().collect();
    // Cheap and enough for most events: a field that nothing can match.
    if let Some((path, _)) = fields.iter().find(|(path, matchers)| !possible(matchers, leaves.at(path))) {
        return Some(path);
    }
    let shared = shared_arrays(alternative, leaves);
    let mut states = BTreeSet::from([Membership::new()]);
    for (index, (path, matchers)) in fields.iter().enumerate() {
        let needed = shared.get(index + 1);
        states = states
            .iter()
            .flat_map(|state| next_states(state, matchers, leaves.at(path)))
            .map(|state| state.into_iter().filter(|(array, _)| needed.is_some_and(|n| n.contains(array))).collect())
            .collect();
        if states.is_empty() {
            return Some(path);
        }
    }
    None
}

/// Whether some leaf, or the lack of leaves, is what one of the matchers asks for, looking at this field alone.
pub(crate) fn possible(matchers: &[Matcher], leaves: &[Leaf<'_>]) -> bool {
    matchers.contains(&Matcher::Absent) || leaves.iter().any(|leaf| accepts(matchers, leaf))
}

fn accepts(matchers: &[Matcher], leaf: &Leaf<'_>) -> bool {
    matchers.iter().any(|matcher| matcher.matches(leaf.value))
}

/// For each field, the arrays that it or a later field is in: what need not be remembered past them is forgotten, so that
/// the number of combinations stays small.
fn shared_arrays(alternative: &Alternative, leaves: &Leaves<'_>) -> Vec<BTreeSet<usize>> {
    let mut later = BTreeSet::new();
    let mut all: Vec<BTreeSet<usize>> = alternative
        .keys()
        .rev()
        .map(|path| {
            later.extend(leaves.at(path).iter().flat_map(|leaf| leaf.membership.keys().copied()));
            later.clone()
        })
        .collect();
    all.reverse();
    all
}

fn next_states(state: &Membership, matchers: &[Matcher], leaves: &[Leaf<'_>]) -> Vec<Membership> {
    let mut next = Vec::new();
    let mut present = false;
    for leaf in leaves {
        if let Some(joined) = join(state, &leaf.membership) {
            present = true;
            if accepts(matchers, leaf) {
                next.push(joined);
            }
        }
    }
    if !present && matchers.contains(&Matcher::Absent) {
        next.push(state.clone());
    }
    next
}

fn join(state: &Membership, leaf: &Membership) -> Option<Membership> {
    let agree = leaf.iter().all(|(array, index)| state.get(array).is_none_or(|known| known == index));
    agree.then(|| state.iter().chain(leaf).map(|(array, index)| (*array, *index)).collect())
}
