//! The clock and the randomness that everything takes from outside.

mod random;
mod system;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::{Builder, Uuid};

use random::{Random, Seeded};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// Clock and randomness, injected wherever they are needed. A clone shares both.
#[derive(Clone)]
pub struct Ambient {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Ambient {
    /// The wall clock and the operating system's randomness.
    #[must_use]
    pub fn system() -> Self {
        Self { clock: Arc::new(system::WallClock), random: Arc::new(system::OsRandom) }
    }

    /// A clock that stands still at `origin`, and randomness that repeats with `seed`.
    #[must_use]
    pub fn seeded(origin: Timestamp, seed: u64) -> Self {
        Self::with_clock(Arc::new(Still(origin)), seed)
    }

    /// The given clock, and randomness that repeats with `seed`.
    #[must_use]
    pub fn with_clock(clock: Arc<dyn Clock>, seed: u64) -> Self {
        Self { clock, random: Arc::new(Seeded::new(seed)) }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A random number.
    #[must_use]
    pub fn random_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// Fills `bytes` with randomness.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.random.fill(bytes);
    }

    /// A [UUID v7](https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7): ordered by time to the millisecond, random within it.
    #[must_use]
    pub fn uuid7(&self) -> Uuid {
        let mut noise = [0; 10];
        self.fill(&mut noise);
        let millis = u64::try_from(self.now().as_millisecond()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &noise).into_uuid()
    }
}

impl fmt::Debug for Ambient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ambient").field("now", &self.now()).finish_non_exhaustive()
    }
}

struct Still(Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}
