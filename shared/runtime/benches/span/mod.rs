//! A clock for the whole of the SDK's `send()`: for the span that each call of a client is in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

/// How the SDK's spans of calls of DynamoDB begin. Interceptors see less: they are called after the call's configuration is put together, and
/// before what it needed is freed.
const CALLS: &str = "DynamoDB.";

/// Adds up the time in which a call is polled. It listens to nothing else, so nothing else costs more than without a subscriber. Exact
/// on one thread.
#[derive(Clone)]
pub struct InsideSpan {
    base: Instant,
    began: Arc<AtomicU64>,
    nanos: Arc<AtomicU64>,
}

impl InsideSpan {
    /// One that is the program's subscriber from now on.
    pub fn listen() -> Self {
        let listener = Self { base: now(), began: Arc::default(), nanos: Arc::default() };
        tracing::subscriber::set_global_default(listener.clone()).unwrap();
        listener
    }

    /// The nanoseconds since the last time it was asked.
    pub fn take(&self) -> u64 {
        self.nanos.swap(0, Ordering::Relaxed)
    }

    fn since_base(&self) -> u64 {
        u64::try_from(now().duration_since(self.base).as_nanos()).unwrap_or(u64::MAX)
    }
}

#[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
fn now() -> Instant {
    Instant::now()
}

impl Subscriber for InsideSpan {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.name().starts_with(CALLS)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, _event: &Event<'_>) {}

    fn enter(&self, _span: &Id) {
        self.began.store(self.since_base(), Ordering::Relaxed);
    }

    fn exit(&self, _span: &Id) {
        let inside = self.since_base().saturating_sub(self.began.load(Ordering::Relaxed));
        self.nanos.fetch_add(inside, Ordering::Relaxed);
    }
}
