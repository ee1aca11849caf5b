//! The journal of one run, in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use throughline_telemetry::{JournalLine, Sink};

/// What every journal line begins with; other output (metrics) does not.
const BEGINNING: &str = r#"{"journal":"#;

/// Journal lines in the order in which functions wrote them.
#[derive(Debug, Default)]
pub(crate) struct Lines(Mutex<Vec<String>>);

impl Lines {
    pub(crate) fn all(&self) -> Vec<String> {
        self.lines().clone()
    }

    /// The lines, as what they say.
    pub(crate) fn read(&self) -> Vec<JournalLine> {
        self.lines().iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    fn lines(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Lines {
    fn line(&self, line: &str) {
        if line.starts_with(BEGINNING) {
            self.lines().push(line.to_owned());
        }
    }
}
