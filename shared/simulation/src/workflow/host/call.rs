//! A request of a function, as a hook sees it.

use std::sync::Arc;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::Value;

use crate::workflow::id::WorkflowId;

/// A request that a function is about to send.
#[derive(Debug)]
#[non_exhaustive]
pub struct Call<'a> {
    /// The function's name in the code.
    pub function: &'a str,
    /// The operation as AWS names it (`TransactWriteItems`); of an outside party, method and resource: `POST /charges`.
    pub operation: &'a str,
    /// The outside party's host; `None` for AWS.
    pub outside: Option<&'a str>,
    /// The simulated workflow that it belongs to, where anything in it or in the invocation says so.
    pub workflow: Option<WorkflowId>,
    body: &'a [u8],
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Turn {
    /// It is sent as it is.
    Pass,
    /// It is sent with another body.
    Send(Value),
    /// It is not sent; this is its answer, with status 200.
    Answer(Value),
    /// The process dies with it, and it is not sent.
    Crash,
}

/// Decides on every request of a function before it is sent: how a test breaks a guarantee on purpose.
pub type Hook = Arc<dyn Fn(&Call<'_>) -> Turn + Send + Sync>;

impl Call<'_> {
    /// Its body as JSON; null when it has none.
    #[must_use]
    pub fn input(&self) -> Value {
        serde_json::from_slice(self.body).unwrap_or_default()
    }
}

/// What a request says about itself, read once.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) service: String,
    pub(super) operation: String,
    pub(super) outside: Option<String>,
    pub(super) workflow: Option<WorkflowId>,
    body: Vec<u8>,
}

impl Parsed {
    /// `current` is the workflow of the invocation, for requests that name none.
    pub(super) fn of(request: &HttpRequest, current: Option<WorkflowId>) -> Self {
        let body = request.body().bytes().unwrap_or_default();
        let workflow = std::str::from_utf8(body).ok().and_then(WorkflowId::find).or(current);
        let (service, operation, outside) = match request.headers().get("x-amz-target") {
            Some(target) => {
                let (service, operation) = target.split_once('.').unwrap_or(("", target));
                (service.to_owned(), operation.to_owned(), None)
            }
            None => outside(request),
        };
        Self { service, operation, outside, workflow, body: body.to_vec() }
    }

    pub(super) fn call<'a>(&'a self, function: &'a str) -> Call<'a> {
        Call {
            function,
            operation: &self.operation,
            outside: self.outside.as_deref(),
            workflow: self.workflow,
            body: &self.body,
        }
    }

    /// Whether it is about a table with this name in the code.
    pub(super) fn is_about(&self, is_down: impl Fn(&str) -> bool) -> bool {
        if !self.service.starts_with("DynamoDB") {
            return false;
        }
        let Ok(input) = serde_json::from_slice::<Value>(&self.body) else { return false };
        let one = input.get("TableName").and_then(Value::as_str).into_iter();
        let many = input.get("RequestItems").and_then(Value::as_object);
        let mut names = one.chain(many.into_iter().flat_map(|items| items.keys().map(String::as_str)));
        names.any(|name| name.split_once('-').is_some_and(|(_, short)| is_down(short)))
    }
}

/// Method and first part of the path, and the host.
fn outside(request: &HttpRequest) -> (String, String, Option<String>) {
    let uri: Option<http::Uri> = request.uri().parse().ok();
    let path = uri.as_ref().map_or("", |uri| uri.path());
    let resource = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let host = uri.as_ref().and_then(http::Uri::host).unwrap_or("unknown");
    (String::new(), format!("{} /{resource}", request.method()), Some(host.to_owned()))
}
