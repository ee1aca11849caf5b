//! Where a function's output goes: a log stream, and the tail that a caller may ask for.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::spec::FunctionSpec;
use crate::cloud::Cloud;

/// The most of an invocation's log that `LogType: Tail` shows, in bytes
/// ([Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html), `LogResult`).
const TAIL: usize = 4096;

/// Writes lines to the log stream of one environment. Cheap to clone.
#[derive(Clone)]
pub struct LogWriter {
    inner: Arc<Inner>,
}

struct Inner {
    cloud: Cloud,
    group: String,
    stream: String,
    tail: Tail,
}

/// The last lines of the invocation under way.
#[derive(Debug, Clone, Default)]
pub(super) struct Tail(Arc<Mutex<String>>);

impl Tail {
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn push(&self, line: &str) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str(line);
        text.push('\n');
        // Cutting rarely keeps long logs linear.
        if text.len() > 4 * TAIL {
            *text = last(&text);
        }
    }

    pub(super) fn text(&self) -> String {
        last(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn last(text: &str) -> String {
    let mut start = text.len().saturating_sub(TAIL);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text.get(start..).unwrap_or_default().to_owned()
}

impl LogWriter {
    pub(super) fn new(cloud: &Cloud, group: String, stream: String, tail: Tail) -> Self {
        Self { inner: Arc::new(Inner { cloud: cloud.clone(), group, stream, tail }) }
    }

    /// Writes one line, as a line of standard output would be.
    pub fn line(&self, text: impl Into<String>) {
        let text = text.into();
        self.inner.tail.push(&text);
        let Inner { cloud, group, stream, .. } = &*self.inner;
        cloud.logs().append(cloud, group, stream, vec![(cloud.clock().now_millis(), text)]);
    }

    /// The log group.
    pub fn group(&self) -> &str {
        &self.inner.group
    }

    /// The log stream.
    pub fn stream(&self) -> &str {
        &self.inner.stream
    }

    pub(super) fn cloud(&self) -> &Cloud {
        &self.inner.cloud
    }
}

impl fmt::Debug for LogWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogWriter").field("group", &self.inner.group).field("stream", &self.inner.stream).finish()
    }
}

/// The stream of an environment. In a group of its own choosing it carries the function's name
/// ([log groups](https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html)); AWS's page
/// shows brackets around the environment's id that its streams do not have.
pub(super) fn stream(spec: &FunctionSpec, version: &str, at: Timestamp, environment: &str) -> String {
    let day = at.strftime("%Y/%m/%d");
    match &spec.log_group {
        Some(group) if *group != format!("/aws/lambda/{}", spec.name) => {
            format!("{day}/{}[{version}]{environment}", spec.name)
        }
        _ => format!("{day}/[{version}]{environment}"),
    }
}
