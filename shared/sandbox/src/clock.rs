//! Time as the local cloud knows it.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A clock that follows tokio's: real in `dev`, virtual under `tokio::time::pause`.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    origin: Timestamp,
    started: Instant,
}

impl Clock {
    /// A clock that shows `origin` now. Must be called inside a tokio runtime when time is virtual.
    pub fn starting_at(origin: Timestamp) -> Self {
        Self { origin, started: Instant::now() }
    }

    /// The wall clock's time, followed by tokio's clock from here on.
    #[expect(clippy::disallowed_methods, reason = "the one place where the local cloud reads the wall clock")]
    pub fn wall() -> Self {
        Self::starting_at(Timestamp::now())
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.started.elapsed()).unwrap_or(SignedDuration::MAX);
        self.origin.saturating_add(elapsed).unwrap_or(self.origin)
    }

    /// Milliseconds since 1970, as most AWS timestamps are counted.
    pub fn now_millis(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// Waits for `duration`: no time at all when time is virtual.
    pub async fn sleep(&self, duration: std::time::Duration) {
        tokio::time::sleep(duration).await;
    }

    /// Waits until `at`.
    pub async fn sleep_until(&self, at: Timestamp) {
        if let Ok(left) = std::time::Duration::try_from(at.duration_since(self.now())) {
            tokio::time::sleep(left).await;
        }
    }
}
