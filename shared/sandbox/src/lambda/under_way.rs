//! What is under way, by name, and how many processes there are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Things under way.
#[derive(Debug, Clone, Default)]
pub(super) struct UnderWay(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    next: u64,
    names: BTreeMap<u64, String>,
}

/// One thing under way, until it is dropped.
#[derive(Debug)]
pub(super) struct Mark {
    under_way: UnderWay,
    number: u64,
}

impl UnderWay {
    pub(super) fn enter(&self, name: String) -> Mark {
        let mut entries = self.entries();
        entries.next += 1;
        let number = entries.next;
        entries.names.insert(number, name);
        Mark { under_way: self.clone(), number }
    }

    /// The oldest.
    pub(super) fn first(&self) -> Option<String> {
        self.entries().names.values().next().cloned()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        self.under_way.entries().names.remove(&self.number);
    }
}

/// How many processes run.
#[derive(Debug, Clone)]
pub(super) struct Processes(watch::Sender<usize>);

/// One process, until it is dropped.
#[derive(Debug)]
pub(super) struct Reaper(watch::Sender<usize>);

impl Default for Processes {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Processes {
    pub(super) fn enter(&self) -> Reaper {
        self.0.send_modify(|count| *count += 1);
        Reaper(self.0.clone())
    }

    pub(super) fn count(&self) -> usize {
        *self.0.borrow()
    }

    /// Waits until there is none.
    pub(super) async fn ended(&self) {
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}
