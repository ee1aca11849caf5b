//! Waiting until nothing is under way.

use std::collections::VecDeque;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

use super::{Place, Stack};
use crate::recollection::{Detail, Recollection};

/// How long a deployment may take to become what it has to be. Long: many stories share two processors.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long between two looks at a deployment.
const PAUSE: Duration = Duration::from_secs(1);

impl Stack {
    /// Waits until nothing is under way. A deployment cannot be asked that: there, until all is as it was in process.
    ///
    /// # Panics
    /// Something still is after two hours of virtual time, or five minutes in a deployment.
    pub async fn settle(&self) {
        self.settle_in(Detail::Whole).await;
    }

    /// The same for a story in which it is left to chance which order ends how.
    ///
    /// # Panics
    /// As [`settle`](Self::settle).
    pub async fn settle_whichever_wins(&self) {
        self.settle_in(Detail::Anonymous).await;
    }

    /// Waits until nothing is under way, however long that takes on virtual time. In process only.
    ///
    /// # Panics
    /// Something still is after `limit`.
    pub async fn settle_within(&self, limit: Duration) {
        self.local().settle_within(limit).await;
    }

    async fn settle_in(&self, detail: Detail) {
        match &self.place {
            Place::InProcess(local) => {
                local.settle().await;
                self.remember_in(detail).await;
            }
            Place::Deployed(_) => {
                let next = self.with_recollections(VecDeque::pop_front).flatten();
                let next = next.unwrap_or_else(|| panic!("the story waited less often in process"));
                self.become_like(&next, detail).await;
            }
        }
    }

    async fn remember_in(&self, detail: Detail) {
        if self.recollections.is_some() {
            let found = Recollection::of(self, detail).await;
            self.with_recollections(|all| all.push_back(found));
        }
    }

    fn with_recollections<T>(&self, change: impl FnOnce(&mut VecDeque<Recollection>) -> T) -> Option<T> {
        let all = self.recollections.as_ref()?;
        Some(change(&mut all.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    async fn become_like(&self, expected: &Recollection, detail: Detail) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            tokio::time::sleep(PAUSE).await;
            let journal = Recollection::journal_of(self, detail).await;
            let last = Instant::now() > deadline;
            // The journal comes last, so that most looks need not ask for more.
            if journal != expected.journal && !last {
                continue;
            }
            let found = Recollection::of(self, detail).await;
            if found == *expected {
                return;
            }
            assert!(!last, "not as in process after {} s:\n{}", PATIENCE.as_secs(), expected.difference(&found));
        }
    }
}
