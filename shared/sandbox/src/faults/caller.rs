//! Who asks: the run of a function in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

tokio::task_local! {
    static RUN: Arc<Run>;
}

/// The run of a function in this process that a request came from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// The function's name.
    pub function: String,
    /// `AwsRequestId` of the run.
    pub request_id: String,
    /// The how-manieth request of the run it is, from 1. A retry by the SDK is one of its own.
    pub nth: u64,
}

/// A run of a function in this process.
#[derive(Debug)]
pub(crate) struct Run {
    function: String,
    request_id: String,
    requests: AtomicU64,
    crash: Notify,
}

impl Run {
    pub(crate) fn new(function: &str, request_id: &str) -> Arc<Self> {
        Arc::new(Self {
            function: function.to_owned(),
            request_id: request_id.to_owned(),
            requests: AtomicU64::new(0),
            crash: Notify::new(),
        })
    }

    /// The run's next request.
    pub(crate) fn next_request(&self) -> Caller {
        let nth = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        Caller { function: self.function.clone(), request_id: self.request_id.clone(), nth }
    }

    /// Ends the run where it is; what asked for that does not go on.
    pub(crate) async fn crash(&self) -> std::convert::Infallible {
        self.crash.notify_one();
        std::future::pending().await
    }

    /// Returns when the run is to end where it is.
    pub(crate) async fn crashed(&self) {
        self.crash.notified().await;
    }
}

/// Runs a function's code as this run. Requests from tasks that the code starts are nobody's.
pub(crate) async fn within<T>(run: Arc<Run>, code: impl Future<Output = T>) -> T {
    RUN.scope(run, code).await
}

/// The run that this task belongs to.
pub(crate) fn current() -> Option<Arc<Run>> {
    RUN.try_with(Arc::clone).ok()
}
