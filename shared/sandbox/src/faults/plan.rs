//! The faults that a cloud has at the moment.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Faults;

/// The faults of a cloud and of its clouds elsewhere. Without any, asking is one branch.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    on: AtomicBool,
    faults: Mutex<Option<Arc<dyn Faults>>>,
    late: AtomicUsize,
}

/// Something that is on its way later than it would be, until it is dropped.
#[derive(Debug)]
pub(crate) struct Late(Arc<Plan>);

impl Plan {
    pub(crate) fn set(&self, faults: Option<Arc<dyn Faults>>) {
        let mut current = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        self.on.store(faults.is_some(), Ordering::Release);
        *current = faults;
    }

    /// Who is to be asked, if anyone.
    pub(crate) fn get(&self) -> Option<Arc<dyn Faults>> {
        if !self.on.load(Ordering::Acquire) {
            return None;
        }
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts something that is late as under way.
    pub(crate) fn late(self: &Arc<Self>) -> Late {
        self.late.fetch_add(1, Ordering::AcqRel);
        Late(self.clone())
    }

    /// What is under way only because it is late.
    pub(crate) fn pending(&self) -> Option<String> {
        (self.late.load(Ordering::Acquire) > 0).then(|| "a request that is late".to_owned())
    }
}

impl Drop for Late {
    fn drop(&mut self) {
        self.0.late.fetch_sub(1, Ordering::AcqRel);
    }
}
