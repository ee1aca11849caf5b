//! One execution.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use throughline_states_language::limits::HISTORY_EVENTS;
use throughline_states_language::{Environment, History, Outcome, Start, execute, redrive};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::executor::Tasks;
use super::logging::Place;
use super::machines::{Settings, Target, seconds};
use crate::cloud::Cloud;
use crate::eventbridge::own;
use crate::wire::json_text;

/// How long after its end an execution can be redriven, in seconds: 14 days.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html>
const REDRIVABLE_SECONDS: f64 = 14.0 * 86_400.0;

#[derive(Debug)]
pub(super) struct Execution {
    pub(super) start: Start,
    /// What the machine was when it started.
    pub(super) settings: Settings,
    version_arn: Option<String>,
    alias_arn: Option<String>,
    /// Seconds since 1970.
    pub(super) started: f64,
    pub(super) trace_header: Option<String>,
    pub(super) history: History,
    /// The redrives so far: the time of each, in seconds since 1970.
    redrives: Mutex<Vec<f64>>,
    /// The last event that was logged.
    logged: Mutex<u64>,
    end: watch::Sender<Option<End>>,
    task: Mutex<Option<AbortHandle>>,
}

/// The members of a notification; those that have no value are `null`.
const NOTIFIED: [&str; 18] = [
    "executionArn",
    "stateMachineArn",
    "name",
    "status",
    "startDate",
    "stopDate",
    "input",
    "output",
    "stateMachineVersionArn",
    "stateMachineAliasArn",
    "redriveCount",
    "redriveDate",
    "redriveStatus",
    "redriveStatusReason",
    "inputDetails",
    "outputDetails",
    "error",
    "cause",
];

/// Seconds to milliseconds.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are far below 2^53")]
fn millis(seconds: &Value) -> Value {
    seconds.as_f64().map_or(Value::Null, |seconds| ((seconds * 1000.0).round() as i64).into())
}

/// How it ended.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) status: &'static str,
    /// Seconds since 1970.
    pub(super) stopped: f64,
    pub(super) output: Option<String>,
    pub(super) error: Option<String>,
    pub(super) cause: Option<String>,
}

impl Execution {
    pub(super) fn new(start: Start, target: Target, at: Timestamp, trace_header: Option<String>) -> Arc<Self> {
        let (history, started) = (History::started(&start, at), seconds(at));
        Arc::new(Self {
            start,
            settings: target.settings,
            version_arn: target.version_arn,
            alias_arn: target.alias_arn,
            started,
            trace_header,
            history,
            redrives: Mutex::default(),
            logged: Mutex::default(),
            end: watch::Sender::new(None),
            task: Mutex::default(),
        })
    }

    /// Runs it as a task of its own.
    pub(super) fn spawn(self: &Arc<Self>, cloud: &Cloud) {
        let (execution, cloud) = (Arc::clone(self), cloud.clone());
        let task = tokio::spawn(async move { execution.run(&cloud).await });
        *self.task() = Some(task.abort_handle());
    }

    async fn run(self: &Arc<Self>, cloud: &Cloud) {
        self.announce(cloud);
        let tasks = Arc::new(Tasks::new(cloud.clone(), Arc::clone(self)));
        let environment = Environment { executor: tasks.clone(), clock: tasks.clone(), random: tasks };
        let redrive_count = self.redrives().len() as u64;
        let start = Start { redrive_count, ..self.start.clone() };
        let machine = &self.settings.definition.machine;
        let outcome = match redrive_count {
            0 => execute(machine, &start, &environment, &self.history).await,
            _ => redrive(machine, &start, &environment, &self.history).await,
        };
        let mut end =
            End { status: "SUCCEEDED", stopped: seconds(cloud.clock().now()), output: None, error: None, cause: None };
        match outcome {
            Outcome::Succeeded { output } => end.output = Some(json_text(&output)),
            Outcome::Failed { error, cause } => (end.status, end.error, end.cause) = ("FAILED", error, cause),
            Outcome::TimedOut => end.status = "TIMED_OUT",
            // Whoever stopped it says how it ended.
            _ => return,
        }
        self.log(cloud);
        self.finish(cloud, end);
    }

    /// Writes the events that have not been logged. Called whenever the execution is about to wait.
    pub(super) fn log(&self, cloud: &Cloud) {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        let logging = &self.settings.logging;
        let (last, events) = self.history.since(*logged, |kind| logging.includes(kind));
        *logged = last;
        if events.is_empty() {
            return;
        }
        let redrive_count = self.redrives().len();
        let place = Place { stream: &self.settings.stream, execution_arn: &self.start.execution_arn, redrive_count };
        logging.write(cloud, &place, &events);
    }

    /// Whether it was started by this version or alias.
    pub(super) fn is_of(&self, arn: &str) -> bool {
        [&self.version_arn, &self.alias_arn].into_iter().flatten().any(|own| own == arn)
    }

    /// Takes it up again at `at`, in seconds since 1970.
    pub(super) fn redrive(self: &Arc<Self>, cloud: &Cloud, at: f64) {
        self.redrives().push(at);
        self.end.send_replace(None);
        self.spawn(cloud);
    }

    fn redrives(&self) -> MutexGuard<'_, Vec<f64>> {
        self.redrives.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops it where it is, unless it has ended.
    pub(super) fn abort(&self, cloud: &Cloud, error: Option<String>, cause: Option<String>) {
        let now = cloud.clock().now();
        if !self.history.abort(now, error.clone(), cause.clone()) {
            return;
        }
        if let Some(task) = self.task().take() {
            task.abort();
        }
        self.log(cloud);
        self.finish(cloud, End { status: "ABORTED", stopped: seconds(now), output: None, error, cause });
    }

    /// The first end holds.
    fn finish(&self, cloud: &Cloud, end: End) {
        let first = self.end.send_if_modified(|current| {
            let first = current.is_none();
            if first {
                *current = Some(end);
            }
            first
        });
        if first {
            self.announce(cloud);
        }
    }

    /// Sends the change of a standard execution's status to EventBridge.
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html>
    fn announce(&self, cloud: &Cloud) {
        if self.start.execution_arn.contains(":express:") {
            return;
        }
        let kind = ("aws.states", "Step Functions Execution Status Change");
        own::emit(cloud, kind, vec![self.start.execution_arn.clone()], || {
            let shown = self.description(seconds(cloud.clock().now()));
            let members = NOTIFIED.iter().map(|name| {
                let value = shown.get(*name).cloned().unwrap_or_default();
                let date = name.ends_with("Date") && value.is_number();
                ((*name).to_owned(), if date { millis(&value) } else { value })
            });
            Value::Object(members.collect())
        });
    }

    pub(super) fn end(&self) -> Option<End> {
        self.end.borrow().clone()
    }

    pub(super) fn is_running(&self) -> bool {
        self.end.borrow().is_none()
    }

    /// Waits until it has ended.
    pub(super) async fn ended(&self) {
        let _ = self.end.subscribe().wait_for(Option::is_some).await;
    }

    pub(super) fn status(&self) -> &'static str {
        self.end.borrow().as_ref().map_or("RUNNING", |end| end.status)
    }

    /// As `ListExecutions` shows it.
    pub(super) fn summary(&self) -> Map<String, Value> {
        let mut summary = Map::new();
        summary.insert("executionArn".into(), self.start.execution_arn.clone().into());
        summary.insert("stateMachineArn".into(), self.start.state_machine_arn.clone().into());
        for (name, arn) in [("stateMachineVersionArn", &self.version_arn), ("stateMachineAliasArn", &self.alias_arn)] {
            summary.extend(arn.clone().map(|arn| (name.to_owned(), arn.into())));
        }
        summary.insert("name".into(), self.start.name.clone().into());
        summary.insert("status".into(), self.status().into());
        summary.insert("startDate".into(), self.started.into());
        summary.extend(self.end().map(|end| ("stopDate".to_owned(), end.stopped.into())));
        let redrives = self.redrives();
        summary.insert("redriveCount".into(), redrives.len().into());
        summary.extend(redrives.last().map(|at| ("redriveDate".to_owned(), (*at).into())));
        summary
    }

    /// As `DescribeExecution` shows it.
    pub(super) fn description(&self, now: f64) -> Value {
        let mut all = self.summary();
        all.insert("input".into(), self.start.input_text.clone().into());
        all.insert("inputDetails".into(), json!({"included": true}));
        if let Some(end) = self.end() {
            if let Some(output) = end.output {
                all.insert("output".into(), output.into());
                all.insert("outputDetails".into(), json!({"included": true}));
            }
            all.extend(end.error.map(|error| ("error".to_owned(), error.into())));
            all.extend(end.cause.map(|cause| ("cause".to_owned(), cause.into())));
        }
        all.extend(self.trace_header.clone().map(|header| ("traceHeader".to_owned(), header.into())));
        match self.not_redrivable(now) {
            None => all.insert("redriveStatus".into(), "REDRIVABLE".into()),
            Some(reason) => {
                all.insert("redriveStatusReason".into(), reason.into());
                all.insert("redriveStatus".into(), "NOT_REDRIVABLE".into())
            }
        };
        Value::Object(all)
    }

    /// Why it cannot be redriven.
    pub(super) fn not_redrivable(&self, now: f64) -> Option<String> {
        match self.end() {
            None => Some("Execution is RUNNING and cannot be redriven".into()),
            Some(end) if end.status == "SUCCEEDED" => Some("Execution is SUCCEEDED and cannot be redriven".into()),
            Some(end) if now - end.stopped > REDRIVABLE_SECONDS => {
                Some("Execution has exceeded its redrivable period and cannot be redriven".into())
            }
            Some(_) if usize::try_from(self.history.last_id()).is_ok_and(|events| events >= HISTORY_EVENTS) => {
                Some("Execution has reached the maximum number of history events and cannot be redriven".into())
            }
            Some(_) => None,
        }
    }

    fn task(&self) -> MutexGuard<'_, Option<AbortHandle>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
