//! States.

use super::{Choice, Flow, QueryLanguage};
use crate::execute::Resource;
use crate::path::{Path, ReferencePath};
use crate::template::Template;

/// One state.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) language: QueryLanguage,
    /// `InputPath`; `None` for `null`, which is an empty object.
    pub(crate) input_path: Option<Path>,
    /// `OutputPath`; `None` for `null`.
    pub(crate) output_path: Option<Path>,
    /// `Output`, JSONata only.
    pub(crate) output: Option<Template>,
    pub(crate) assign: Option<Template>,
    pub(crate) kind: Kind,
    /// Where to go; of a Choice its `Default`.
    pub(crate) next: Option<Next>,
}

/// Where a state leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    State(String),
    End,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Pass(Pass),
    Task(Box<Task>),
    Choice(Vec<Choice>),
    Wait(Wait),
    Succeed,
    Fail(Fail),
    Parallel(Parallel),
    Map(Box<Map>),
}

impl Kind {
    /// The common fields of the states that do work.
    pub(crate) fn service(&self) -> Option<&ServiceTask> {
        match self {
            Self::Task(task) => Some(&task.service),
            Self::Parallel(parallel) => Some(&parallel.service),
            Self::Map(map) => Some(&map.service),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Pass {
    pub(crate) result: Option<serde_json::Value>,
    pub(crate) parameters: Option<Template>,
    pub(crate) result_path: Option<ReferencePath>,
}

/// What Task, Parallel and Map share.
#[derive(Debug, Clone)]
pub(crate) struct ServiceTask {
    /// `Parameters`, or `Arguments` in JSONata.
    pub(crate) parameters: Option<Template>,
    pub(crate) result_selector: Option<Template>,
    /// `None` for `null`: the result is discarded.
    pub(crate) result_path: Option<ReferencePath>,
    pub(crate) retriers: Vec<Retrier>,
    pub(crate) catchers: Vec<Catcher>,
}

#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) resource: Resource,
    /// `Credentials`: the role that the task has.
    pub(crate) credentials: Option<Template>,
    pub(crate) timeout: Option<Amount>,
    pub(crate) heartbeat: Option<Amount>,
    pub(crate) service: ServiceTask,
}

/// How the end of a service's work is learned.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobPattern {
    /// With the response.
    RequestResponse,
    /// When the job that the request started has ended; its output is a string.
    Sync,
    /// When the job that the request started has ended; its output is JSON.
    Sync2,
    /// When somebody returns the task token.
    WaitForTaskToken,
}

/// A number: given, read from the data, or computed.
#[derive(Debug, Clone)]
pub(crate) enum Amount {
    Fixed(u64),
    Path(Path),
    Expression(Template),
}

/// A text: given, read from the data or computed.
#[derive(Debug, Clone)]
pub(crate) enum Text {
    Fixed(String),
    /// A path, an intrinsic function or a JSONata expression.
    Computed(Template),
}

#[derive(Debug, Clone)]
pub(crate) enum Wait {
    Seconds(Amount),
    Until(Text),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Fail {
    pub(crate) error: Option<Text>,
    pub(crate) cause: Option<Text>,
}

#[derive(Debug, Clone)]
pub(crate) struct Parallel {
    pub(crate) branches: Vec<Flow>,
    pub(crate) service: ServiceTask,
}

#[derive(Debug, Clone)]
pub(crate) struct Map {
    pub(crate) processor: Flow,
    /// `None`: the inline mode.
    pub(crate) distributed: Option<Distributed>,
    /// `ItemsPath`, or `Items` in JSONata.
    pub(crate) items: Option<Template>,
    pub(crate) item_selector: Option<Template>,
    /// Zero: no limit.
    pub(crate) max_concurrency: Amount,
    pub(crate) service: ServiceTask,
}

/// What only a Map state in its distributed mode has.
#[derive(Debug, Clone)]
pub(crate) struct Distributed {
    pub(crate) label: Option<String>,
    pub(crate) tolerated_count: Option<Amount>,
    pub(crate) tolerated_percentage: Option<Percentage>,
}

/// A percentage: given, read from the data, or computed.
#[derive(Debug, Clone)]
pub(crate) enum Percentage {
    Fixed(f64),
    Path(Path),
    Expression(Template),
}

#[derive(Debug, Clone)]
pub(crate) struct Retrier {
    pub(crate) errors: Vec<String>,
    pub(crate) interval_seconds: u64,
    pub(crate) max_attempts: u64,
    pub(crate) backoff_rate: f64,
    pub(crate) max_delay_seconds: Option<u64>,
    pub(crate) full_jitter: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Catcher {
    pub(crate) errors: Vec<String>,
    pub(crate) next: String,
    pub(crate) result_path: Option<ReferencePath>,
    pub(crate) output: Option<Template>,
    pub(crate) assign: Option<Template>,
}
