//! Randomness behind one small trait.

use std::sync::{Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Fills bytes with randomness.
pub(super) trait Random: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// Randomness that repeats with its seed.
pub(super) struct Seeded(Mutex<StdRng>);

impl Seeded {
    pub(super) fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Random for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        // A poisoned generator is still a generator: no state of ours can be half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}
