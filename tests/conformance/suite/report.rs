//! The table at the end of a run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::lists;

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ended {
    Passed,
    Listed,
    Failed,
}

/// The results so far, by backend.
#[derive(Debug, Clone, Default)]
pub(crate) struct Report(Arc<Mutex<BTreeMap<(String, Ended), usize>>>);

impl Report {
    pub(crate) fn add(&self, backend: &str, result: Ended) {
        *self.0.lock().unwrap().entry((backend.to_owned(), result)).or_default() += 1;
    }

    /// The backends whose cases did not end as the page has it: for runs of every case.
    pub(crate) fn other_than_the_page(&self) -> Vec<String> {
        let counts = self.0.lock().unwrap();
        let mut backends: Vec<&str> = counts.keys().map(|(backend, _)| backend.as_str()).collect();
        backends.dedup();
        let count = |backend: &str, result| counts.get(&(backend.to_owned(), result)).copied().unwrap_or_default();
        let other =
            |backend: &&str| !lists::row_agrees(backend, count(backend, Ended::Passed), count(backend, Ended::Listed));
        backends.into_iter().filter(other).map(str::to_owned).collect()
    }

    pub(crate) fn print(&self) {
        let counts = self.0.lock().unwrap();
        let mut backends: Vec<&str> = counts.keys().map(|(backend, _)| backend.as_str()).collect();
        backends.dedup();
        if backends.is_empty() {
            return;
        }
        println!("{:<14}{:>8}{:>8}{:>8}", "backend", "passed", "listed", "failed");
        for backend in backends {
            let count = |result| counts.get(&(backend.to_owned(), result)).copied().unwrap_or_default();
            let (passed, listed, failed) = (count(Ended::Passed), count(Ended::Listed), count(Ended::Failed));
            println!("{backend:<14}{passed:>8}{listed:>8}{failed:>8}");
        }
    }
}
