//! Execution environments: where a function's code runs, one invocation at a time.

mod in_process;
mod output;
mod process;
mod runtime_api;
mod variables;

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::logging::{LogWriter, Tail, stream};
use super::report::{Reporter, Usage};
use super::spec::{Code, FunctionSpec};
use crate::cloud::Cloud;

/// How long an initialization may take before it is done again as part of the invocation
/// ([runtime environment](https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html)).
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// What is to be done.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) payload: String,
    pub(super) request_id: String,
    pub(super) trace_id: String,
    pub(super) function_arn: String,
    pub(super) version: String,
    pub(super) client_context: Option<String>,
    pub(super) deadline: Timestamp,
}

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum End {
    /// The function's answer, as it came.
    Response(String),
    /// The function's error: a JSON text with `errorType` and `errorMessage`.
    Error(String),
    /// The process ended.
    Exit(Exit),
    /// The timeout came first.
    Timeout(Duration),
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exit(ExitStatus);

impl Exit {
    /// Killed from outside.
    pub(super) fn killed() -> Self {
        Self(ExitStatus::from_raw(9))
    }

    /// Ended by itself, with status 1.
    pub(super) fn failed() -> Self {
        Self(ExitStatus::from_raw(1 << 8))
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.code(), self.0.signal()) {
            (Some(0), _) => f.write_str("Runtime exited without providing a reason"),
            (Some(code), _) => write!(f, "Runtime exited with error: exit status {code}"),
            (None, Some(signal)) => write!(f, "Runtime exited with error: signal: {}", signal_name(signal)),
            (None, None) => f.write_str("Runtime exited with error"),
        }
    }
}

/// As Go prints signals, since that is what AWS's messages show.
fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        15 => "terminated",
        _ => return format!("signal {signal}"),
    };
    name.to_owned()
}

impl End {
    pub(super) fn status(&self) -> &'static str {
        match self {
            Self::Response(_) => "success",
            Self::Error(_) | Self::Exit(_) => "error",
            Self::Timeout(_) => "timeout",
        }
    }

    pub(super) fn error_type(&self) -> Option<String> {
        match self {
            Self::Response(_) => None,
            Self::Error(payload) => {
                let value: Value = serde_json::from_str(payload).ok()?;
                value.get("errorType").and_then(Value::as_str).map(str::to_owned)
            }
            Self::Exit(_) => Some("Runtime.ExitError".into()),
            Self::Timeout(_) => Some("Sandbox.Timedout".into()),
        }
    }

    /// What the caller is given.
    pub(super) fn payload(&self, request_id: &str) -> String {
        match self {
            Self::Response(payload) | Self::Error(payload) => payload.clone(),
            Self::Exit(exit) => {
                let message = format!("RequestId: {request_id} Error: {exit}");
                json!({ "errorType": "Runtime.ExitError", "errorMessage": message }).to_string()
            }
            Self::Timeout(limit) => {
                let seconds = limit.as_secs_f64();
                let message = format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds");
                json!({ "errorType": "Sandbox.Timedout", "errorMessage": message }).to_string()
            }
        }
    }
}

/// An environment that runs nothing at the moment, or one invocation.
pub(super) struct Environment {
    stamp: Stamp,
    tail: Tail,
    log: LogWriter,
    code: Running,
    /// A cold start's time, until it is reported.
    init: Option<Duration>,
}

enum Running {
    InProcess(in_process::Code),
    Process(Box<process::Process>),
}

/// Which code and settings an environment was started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Counts changes of settings and code.
    pub(super) generation: u64,
    /// When the program's file was last changed, and its size.
    file: Option<(SystemTime, u64)>,
}

impl Stamp {
    pub(super) fn of(spec: &FunctionSpec, generation: u64) -> Self {
        let file = program(&spec.code).and_then(|path| std::fs::metadata(path).ok());
        Self { generation, file: file.and_then(|data| Some((data.modified().ok()?, data.len()))) }
    }
}

fn program(code: &Code) -> Option<PathBuf> {
    match code {
        Code::Binary(path) => Some(path.clone()),
        Code::Unpacked(unpacked) => Some(unpacked.folder.path().join("bootstrap")),
        Code::InProcess(_) => None,
    }
}

/// Why there is no environment.
#[derive(Debug)]
pub(super) struct InitFailure {
    pub(super) end: End,
    pub(super) tail: String,
}

impl Environment {
    /// Starts an environment. A failed initialization is tried again once, within the invocation's own time, as AWS does.
    pub(super) async fn start(
        cloud: &Cloud,
        spec: &FunctionSpec,
        stamp: Stamp,
        work: &Work,
    ) -> Result<Self, InitFailure> {
        let id = cloud.uuid().simple().to_string();
        let tail = Tail::default();
        let log =
            LogWriter::new(cloud, spec.group(), stream(spec, &work.version, cloud.clock().now(), &id), tail.clone());
        let variables = variables::of(cloud, spec, &work.version, &log);
        let Some(program) = program(&spec.code) else {
            let code = in_process::Code::new(spec, variables);
            return Ok(Self { stamp, tail, log, code: Running::InProcess(code), init: None });
        };
        let reporter = Reporter { spec, log: &log, request_id: &work.request_id, version: &work.version };
        let start = Start { program: &program, variables: &variables, log: &log, reporter: &reporter };
        let begun = Instant::now();
        let result = match start.once("init", INIT_LIMIT).await {
            Ok(started) => Ok(started),
            Err(_) => start.once("invoke", spec.timeout).await,
        };
        match result {
            Ok((process, took)) => {
                Ok(Self { stamp, tail, log, code: Running::Process(Box::new(process)), init: Some(took) })
            }
            Err(end) => {
                reporter.start();
                reporter.end(&end, Usage { duration: begun.elapsed(), init: None, memory_mb: 0 });
                Err(InitFailure { end, tail: tail.text() })
            }
        }
    }

    pub(super) fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    pub(super) fn log(&self) -> &LogWriter {
        &self.log
    }

    pub(super) fn tail(&self) -> String {
        self.tail.text()
    }

    pub(super) fn take_init(&mut self) -> Option<Duration> {
        self.init.take()
    }

    /// Empties the tail: what was written between invocations belongs to none.
    pub(super) fn begin(&self) {
        if self.init.is_none() {
            self.tail.clear();
        }
    }

    /// Runs one invocation. `None`: the process had ended before it took the work.
    pub(super) async fn invoke(&mut self, spec: &FunctionSpec, work: &Work) -> Option<End> {
        match &mut self.code {
            Running::InProcess(code) => Some(code.invoke(&self.log, spec, work).await),
            Running::Process(process) => process.invoke(spec.timeout, work).await,
        }
    }

    /// Whether it can be used again.
    pub(super) fn is_alive(&self) -> bool {
        match &self.code {
            Running::InProcess(_) => true,
            Running::Process(process) => process.is_alive(),
        }
    }

    /// The most memory it has used, in MiB; 0 for code in this process, which has none of its own.
    pub(super) fn memory_mb(&self) -> u64 {
        match &self.code {
            Running::InProcess(_) => 0,
            Running::Process(process) => process.memory_mb(),
        }
    }
}

struct Start<'a> {
    program: &'a Path,
    variables: &'a std::collections::BTreeMap<String, String>,
    log: &'a LogWriter,
    reporter: &'a Reporter<'a>,
}

impl Start<'_> {
    async fn once(&self, phase: &str, limit: Duration) -> Result<(process::Process, Duration), End> {
        let begun = Instant::now();
        let failed = match process::Process::start(self.program, self.variables, self.log).await {
            Ok(mut process) => match process.ready(limit).await {
                Ok(()) => return Ok((process, begun.elapsed())),
                Err(end) => end,
            },
            Err(error) => {
                let program = self.program.display();
                let message = format!("Couldn't start {program}: {error}");
                End::Error(json!({ "errorType": "Runtime.InvalidEntrypoint", "errorMessage": message }).to_string())
            }
        };
        let kind = failed.error_type().unwrap_or_else(|| "Runtime.InitError".into());
        self.reporter.init_failed(phase, begun.elapsed(), &kind, &reason(&failed));
        Err(failed)
    }
}

fn reason(end: &End) -> String {
    match end {
        End::Exit(exit) => format!("Error: {exit}"),
        End::Timeout(limit) => format!("Error: initialization timed out after {:.2} seconds", limit.as_secs_f64()),
        End::Error(payload) | End::Response(payload) => payload.clone(),
    }
}
