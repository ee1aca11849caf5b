//! Processes that die between their commit and what they send after it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use throughline_sandbox::connector::InProcess;
use tokio::sync::Notify;

/// The operations that send what a commit wrote.
const SENDING: [&str; 3] = ["AWSEvents.PutEvents", "AmazonSQS.SendMessage", "AWSStepFunctions.StartExecution"];

/// Which functions die when they next send something, once each.
#[derive(Debug, Default)]
pub(crate) struct Crashes(Mutex<BTreeSet<String>>);

impl Crashes {
    /// Lets `function` die when it next sends something.
    pub(crate) fn add(&self, function: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(function.to_owned());
    }

    fn take(&self, function: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(function)
    }
}

/// The HTTP connector of one environment. The request that the process dies with is not sent.
#[derive(Clone)]
pub(super) struct Doomed {
    function: &'static str,
    http: InProcess,
    crashes: Arc<Crashes>,
    died: Arc<Notify>,
}

impl Doomed {
    pub(super) fn new(function: &'static str, http: InProcess, crashes: Arc<Crashes>, died: Arc<Notify>) -> Self {
        Self { function, http, crashes, died }
    }
}

impl HttpConnector for Doomed {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sends = request.headers().get("x-amz-target").is_some_and(|target| SENDING.contains(&target));
        if sends && self.crashes.take(self.function) {
            self.died.notify_one();
            return HttpConnectorFuture::new(std::future::pending());
        }
        self.http.call(request)
    }
}

impl fmt::Debug for Doomed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doomed").field("function", &self.function).finish_non_exhaustive()
    }
}
