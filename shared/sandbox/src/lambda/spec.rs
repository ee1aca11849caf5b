//! A function as the template boot, or a test, describes it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

use super::logging::LogWriter;

/// Everything about a function.
#[derive(Debug, Clone)]
pub struct FunctionSpec {
    /// Its name, without the ARN.
    pub name: String,
    /// What runs.
    pub code: Code,
    /// Its variables; Lambda's own come on top.
    pub environment: BTreeMap<String, String>,
    /// How long an invocation may take; 3 seconds unless set.
    pub timeout: Duration,
    /// Memory in MiB; 128 unless set. Reported, not enforced.
    pub memory_mb: u32,
    /// The log group; `/aws/lambda/NAME` unless set.
    pub log_group: Option<String>,
    /// How Lambda's own lines look; text unless set.
    pub log_format: LogFormat,
    /// The lowest level of Lambda's own lines, JSON format only; `INFO` unless set.
    pub system_log_level: LogLevel,
    /// `ApplicationLogLevel`, JSON format only: given to the function as `AWS_LAMBDA_LOG_LEVEL`.
    pub application_log_level: Option<String>,
    /// The most environments at a time. Without it, invocations of processes wait for one of ten.
    pub reserved_concurrency: Option<u32>,
    /// What happens to asynchronous events.
    pub event_invoke: Option<EventInvoke>,
    /// Where discarded asynchronous events go as they are: the ARN of a queue.
    pub dead_letter_target: Option<String>,
    /// For people.
    pub description: String,
    /// `_HANDLER`; `bootstrap` unless set.
    pub handler: String,
    /// The ARN of its role. Accepted; nothing enforces IAM.
    pub role: String,
    /// `provided.al2023` unless set. Code is a `bootstrap` for every runtime.
    pub runtime: String,
    /// `x86_64` or `arm64`. Reported; the code runs on this machine as it is.
    pub architecture: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl FunctionSpec {
    /// A function with AWS's defaults
    /// ([CreateFunction](https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html)).
    pub fn new(name: impl Into<String>, code: Code) -> Self {
        Self {
            name: name.into(),
            code,
            environment: BTreeMap::new(),
            timeout: Duration::from_secs(3),
            memory_mb: 128,
            log_group: None,
            log_format: LogFormat::Text,
            system_log_level: LogLevel::Info,
            application_log_level: None,
            reserved_concurrency: None,
            event_invoke: None,
            dead_letter_target: None,
            description: String::new(),
            handler: "bootstrap".into(),
            role: String::new(),
            runtime: "provided.al2023".into(),
            architecture: "x86_64".into(),
            tags: BTreeMap::new(),
        }
    }

    /// The group that its lines go to.
    pub fn group(&self) -> String {
        self.log_group.clone().unwrap_or_else(|| format!("/aws/lambda/{}", self.name))
    }
}

/// What a function runs.
#[derive(Clone)]
pub enum Code {
    /// A program on this machine, speaking the Runtime API. A newer file is used by the next environment.
    Binary(PathBuf),
    /// Code in this process: no process, no real time.
    InProcess(Arc<dyn InProcess>),
    /// A program that was uploaded as a zip file.
    Unpacked(Arc<Unpacked>),
}

/// An uploaded program; its folder goes when the last user of it does.
#[derive(Debug)]
pub struct Unpacked {
    pub(super) folder: tempfile::TempDir,
    pub(super) sha256: String,
    pub(super) size: usize,
}

impl Code {
    /// Code in this process.
    pub fn in_process(code: impl InProcess + 'static) -> Self {
        Self::InProcess(Arc::new(code))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Binary(path) => f.debug_tuple("Binary").field(path).finish(),
            Self::InProcess(_) => f.write_str("InProcess"),
            Self::Unpacked(code) => f.debug_tuple("Unpacked").field(&code.folder.path()).finish(),
        }
    }
}

/// Code in this process.
pub trait InProcess: Send + Sync {
    /// Runs once. Dropped when the timeout comes first.
    fn invoke<'a>(&'a self, invocation: Invocation) -> BoxFuture<'a, Result<Value, FunctionError>>;
}

impl<F> InProcess for F
where
    F: Fn(Invocation) -> BoxFuture<'static, Result<Value, FunctionError>> + Send + Sync,
{
    fn invoke<'a>(&'a self, invocation: Invocation) -> BoxFuture<'a, Result<Value, FunctionError>> {
        self(invocation)
    }
}

/// What in-process code is given.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The event.
    pub payload: Value,
    /// `AwsRequestId`.
    pub request_id: String,
    /// When the timeout comes, on the cloud's clock.
    pub deadline: Timestamp,
    /// The function.
    pub function_arn: String,
    /// X-Ray's header: `Root=…;Parent=…;Sampled=…`.
    pub trace_id: String,
    /// The variables that a process would have.
    pub environment: BTreeMap<String, String>,
    /// Where the code's output goes.
    pub log: LogWriter,
}

/// A function's own error: what the Runtime API calls `errorType` and `errorMessage`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error_type}: {message}")]
pub struct FunctionError {
    /// The kind, as callers match it (a `Catch` of a state machine).
    pub error_type: String,
    /// The message.
    pub message: String,
}

/// How Lambda's own lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// `START RequestId: …`
    #[default]
    Text,
    /// `{"time":…,"type":"platform.start","record":…}`
    Json,
}

/// A level of Lambda's own lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// Starts and reports.
    #[default]
    Info,
    /// Only what failed.
    Warn,
}

impl LogLevel {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "DEBUG" => Some(Self::Debug),
            "INFO" => Some(Self::Info),
            "WARN" => Some(Self::Warn),
            _ => None,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
        }
    }
}

/// What happens to asynchronous events
/// ([how Lambda handles errors](https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html)).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventInvoke {
    /// Retries after a function error, 0 to 2; 2 unless set.
    pub maximum_retry_attempts: Option<u32>,
    /// How old an event may get, 60 seconds to 6 hours; 6 hours unless set.
    pub maximum_event_age: Option<Duration>,
    /// ARN that gets a record of every event that failed for good: a queue, a bus or a function.
    pub on_failure: Option<String>,
    /// ARN that gets a record of every event that succeeded.
    pub on_success: Option<String>,
}
