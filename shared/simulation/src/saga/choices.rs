//! Every way that a run can go, one after the other.

use std::collections::BTreeSet;

/// The decisions of a run, made where they come up: the first run takes the first option everywhere, each further run
/// changes the last decision that still has an option left.
///
/// A decision in a situation in which it was made before takes only the first option: all that can come of the others
/// is, or will be, seen from the first time.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    /// What was chosen, of how many.
    made: Vec<(usize, usize)>,
    at: usize,
    situations: BTreeSet<String>,
}

impl Choices {
    /// One of `options`, of which there is at least one. Without a `situation` the decision is like no other.
    pub(crate) fn choose<T: Copy>(&mut self, options: &[T], situation: Option<String>) -> Option<T> {
        let chosen = match self.made.get(self.at) {
            Some((chosen, _)) => *chosen,
            None => {
                let new = situation.is_none_or(|situation| self.situations.insert(situation));
                self.made.push((0, if new { options.len() } else { 1 }));
                0
            }
        };
        self.at += 1;
        options.get(chosen).copied()
    }

    /// Goes on to the next run. Answers whether there is one.
    pub(crate) fn advance(&mut self) -> bool {
        self.at = 0;
        while let Some((chosen, of)) = self.made.pop() {
            if chosen + 1 < of {
                self.made.push((chosen + 1, of));
                return true;
            }
        }
        false
    }
}
