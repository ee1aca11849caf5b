//! The one place that reads the wall clock and the operating system's randomness.

use jiff::Timestamp;
use rand::Rng;

use super::Clock;
use super::random::Random;

pub(super) struct WallClock;

impl Clock for WallClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the wall clock comes in")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

pub(super) struct OsRandom;

impl Random for OsRandom {
    #[expect(clippy::disallowed_methods, reason = "this is where real randomness comes in")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}
