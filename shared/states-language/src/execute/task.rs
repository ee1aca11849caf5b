//! Task.

use std::borrow::Cow;

use futures::future::{BoxFuture, Either, select};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::flow::{Run, Thread};
use super::simple::seconds;
use super::state::{Left, Work};
use super::{Heartbeat, Request, Resource, ResourceKind, TaskError, later};
use crate::data::{Data, EvaluationError, payload_text};
use crate::history::details;
use crate::json::json_text;
use crate::machine::{JobPattern, QueryLanguage, ServiceTask, Task};
use crate::template::Template;

/// How long the task and its silences may last.
#[derive(Clone, Copy, Default)]
struct Limits {
    timeout: Option<SignedDuration>,
    heartbeat: Option<SignedDuration>,
}

/// Why a task ended without a result.
enum Ended {
    Failed(TaskError),
    TimedOut { heartbeat: bool },
}

impl Run<'_> {
    pub(super) async fn task(&self, thread: &mut Thread, work: &Work<'_>, task: &Task) -> Result<Left, Failure> {
        let mut context = Cow::Borrowed(work.context);
        let token = needs_token(&task.resource).then(|| self.token());
        if let Some(token) = &token
            && let Some(object) = context.to_mut().as_object_mut()
        {
            object.insert("Task".into(), json!({"Token": token}));
        }
        let work = Work { context: &context, ..*work };
        let data = self.data(thread, work.effective, &context);
        let input = self.parameters(&task.service, &work, data)?;
        let limits = Limits {
            timeout: task.timeout.as_ref().map(|a| seconds(a, data).map_err(|e| e.at("TimeoutSeconds"))).transpose()?,
            heartbeat: task
                .heartbeat
                .as_ref()
                .map(|a| seconds(a, data).map_err(|e| e.at("HeartbeatSeconds")))
                .transpose()?,
        };
        self.environment.executor.check(&task.resource, &input).map_err(EvaluationError::runtime)?;
        let role = task.credentials.as_ref().map(|t| self.role(t, data)).transpose()?;
        self.scheduled(thread, &task.resource, &input, (limits, role.as_deref()));
        let request = Request {
            resource: task.resource.clone(),
            input,
            token,
            heartbeat: Heartbeat::starting(self.environment.clock.now()),
            role,
            state: work.name.to_owned(),
        };
        let result = match self.run_task(thread, &request, limits).await {
            Ok(result) => result,
            Err(ended) => return Err(self.ended(thread, &task.resource, ended)),
        };
        let Some(output) = payload_text(&result) else {
            let failure = Failure::too_large(task.resource.short_name());
            let failed = TaskError { error: "States.DataLimitExceeded".into(), cause: failure.cause };
            return Err(self.ended(thread, &task.resource, Ended::Failed(failed)));
        };
        let output = details([("output", Some(output))]);
        self.task_event(thread, &task.resource, Step::Succeeded, output);
        self.combine(thread, &work, &task.service, result)
    }

    /// What the task is given.
    pub(super) fn parameters(&self, service: &ServiceTask, work: &Work<'_>, data: Data<'_>) -> Result<Value, Failure> {
        let name = if work.state.language == QueryLanguage::Jsonata { "Arguments" } else { "Parameters" };
        match &service.parameters {
            Some(template) => Ok(template.render(data).map_err(|e| e.at(name))?),
            None => Ok(work.effective.clone()),
        }
    }

    /// `ResultSelector`, `ResultPath`, `OutputPath`; or `Output`.
    pub(super) fn combine(
        &self,
        thread: &Thread,
        work: &Work<'_>,
        service: &ServiceTask,
        result: Value,
    ) -> Result<Left, Failure> {
        if work.state.language == QueryLanguage::Jsonata {
            return self.finish(thread, work, result.clone(), Some(&result));
        }
        let selected = match &service.result_selector {
            Some(template) => template.render(self.data(thread, &result, work.context))?,
            None => result.clone(),
        };
        let combined = match &service.result_path {
            Some(path) => path.set(work.input.clone(), selected)?,
            None => work.input.clone(),
        };
        self.finish(thread, work, combined, Some(&result))
    }

    async fn run_task(&self, thread: &mut Thread, request: &Request, limits: Limits) -> Result<Value, Ended> {
        let executor = &self.environment.executor;
        // As on AWS, tasks that are scheduled together start after all of them have been scheduled.
        yield_once().await;
        if *request.resource.kind() == ResourceKind::Activity {
            return self.run_activity(thread, request, limits).await;
        }
        let started = self.environment.clock.now();
        let deadline = limits.timeout.map(|timeout| later(started, timeout));
        self.task_event(thread, &request.resource, Step::Started, Map::new());
        let response = self.within(executor.run(request), request, deadline, limits.heartbeat).await?;
        let waits = match request.resource.kind() {
            ResourceKind::Integration { pattern, .. } => *pattern != JobPattern::RequestResponse,
            ResourceKind::Lambda | ResourceKind::Activity => false,
        };
        if !waits {
            return Ok(response);
        }
        let output = details([("output", Some(json_text(&response)))]);
        self.task_event(thread, &request.resource, Step::Submitted, output);
        self.within(executor.wait(request, response), request, deadline, limits.heartbeat).await
    }

    /// The time of an activity begins when a worker has taken it.
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html>
    async fn run_activity(&self, thread: &mut Thread, request: &Request, limits: Limits) -> Result<Value, Ended> {
        let executor = &self.environment.executor;
        let worker = executor.run(request).await.map_err(Ended::Failed)?;
        let now = self.environment.clock.now();
        request.heartbeat.beat(now);
        let name = worker.as_str().map(str::to_owned);
        self.task_event(thread, &request.resource, Step::Started, details([("workerName", name)]));
        let deadline = limits.timeout.map(|timeout| later(now, timeout));
        self.within(executor.wait(request, worker), request, deadline, limits.heartbeat).await
    }

    /// Waits for `work`, for the deadline, or for a silence that is too long.
    async fn within(
        &self,
        mut work: BoxFuture<'_, Result<Value, TaskError>>,
        request: &Request,
        deadline: Option<jiff::Timestamp>,
        heartbeat: Option<SignedDuration>,
    ) -> Result<Value, Ended> {
        loop {
            let silence = heartbeat.map(|silence| later(request.heartbeat.last(), silence));
            let Some(wake) = [deadline, silence].into_iter().flatten().min() else {
                return work.await.map_err(Ended::Failed);
            };
            work = match select(work, self.environment.clock.sleep_until(wake)).await {
                Either::Left((ended, _)) => return ended.map_err(Ended::Failed),
                Either::Right(((), work)) => work,
            };
            let now = self.environment.clock.now();
            if deadline.is_some_and(|at| at <= now) {
                return Err(Ended::TimedOut { heartbeat: false });
            }
            if heartbeat.is_some_and(|silence| later(request.heartbeat.last(), silence) <= now) {
                return Err(Ended::TimedOut { heartbeat: true });
            }
        }
    }

    /// Records how the task ended and answers the failure.
    fn ended(&self, thread: &mut Thread, resource: &Resource, ended: Ended) -> Failure {
        let (failure, step) = match ended {
            Ended::Failed(error) => (Failure::from(error), Step::Failed),
            Ended::TimedOut { heartbeat } => {
                (Failure { heartbeat, ..Failure::new("States.Timeout", None) }, Step::TimedOut)
            }
        };
        self.task_event(thread, resource, step, failure.details());
        Failure { event: thread.event, task: true, ..failure }
    }

    /// The role of `Credentials`.
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html>
    fn role(&self, credentials: &Template, data: Data<'_>) -> Result<String, EvaluationError> {
        let found = credentials.render(data).map_err(|e| e.at("Credentials"))?;
        let role = found.get("RoleArn").and_then(Value::as_str);
        role.map(str::to_owned).ok_or_else(|| {
            let cause = format!("The field 'RoleArn' of the field 'Credentials' must be a string, but was: {found}");
            EvaluationError::runtime(cause)
        })
    }

    fn scheduled(
        &self,
        thread: &mut Thread,
        resource: &Resource,
        input: &Value,
        (limits, role): (Limits, Option<&str>),
    ) {
        let mut details = match resource.kind() {
            ResourceKind::Integration { .. } => {
                let region = self.start.execution_arn.split(':').nth(3).unwrap_or_default();
                details([("region", Some(region.to_owned())), ("parameters", Some(json_text(input)))])
            }
            ResourceKind::Lambda | ResourceKind::Activity => {
                details([("resource", Some(resource.arn().to_owned())), ("input", Some(json_text(input)))])
            }
        };
        for (name, limit) in [("timeoutInSeconds", limits.timeout), ("heartbeatInSeconds", limits.heartbeat)] {
            details.extend(limit.map(|limit| (name.to_owned(), limit.as_secs().into())));
        }
        details.extend(role.map(|role| ("taskCredentials".to_owned(), json!({ "roleArn": role }))));
        self.task_event(thread, resource, Step::Scheduled, details);
    }

    fn task_event(&self, thread: &mut Thread, resource: &Resource, step: Step, mut details: Map<String, Value>) {
        let (kind, member) = step.names(resource.kind());
        if matches!(resource.kind(), ResourceKind::Integration { .. }) {
            let (service, operation) = resource.event_names();
            let mut named = Map::new();
            named.insert("resourceType".into(), service.into());
            named.insert("resource".into(), operation.into());
            named.append(&mut details);
            details = named;
        }
        let details = (step != Step::Started || *resource.kind() != ResourceKind::Lambda).then_some((member, details));
        self.next(thread, kind, details);
    }

    fn token(&self) -> String {
        use base64::Engine as _;
        let random = &self.environment.random;
        let bytes: Vec<u8> = (0..6).flat_map(|_| random.next().to_be_bytes()).collect();
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }
}

/// Lets whatever else can go on go on first.
async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

/// Whether the task has a token, whose return ends it. What is waited for as a job has one too.
fn needs_token(resource: &Resource) -> bool {
    match resource.kind() {
        ResourceKind::Activity => true,
        ResourceKind::Lambda => false,
        ResourceKind::Integration { pattern, .. } => *pattern != JobPattern::RequestResponse,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Scheduled,
    Started,
    Submitted,
    Succeeded,
    Failed,
    TimedOut,
}

impl Step {
    /// The event's type and its details' member.
    fn names(self, kind: &ResourceKind) -> (&'static str, &'static str) {
        match (kind, self) {
            (ResourceKind::Lambda, Self::Scheduled) => {
                ("LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails")
            }
            (ResourceKind::Lambda, Self::Started) => ("LambdaFunctionStarted", "lambdaFunctionStartedEventDetails"),
            (ResourceKind::Lambda, Self::Failed) => ("LambdaFunctionFailed", "lambdaFunctionFailedEventDetails"),
            (ResourceKind::Lambda, Self::TimedOut) => ("LambdaFunctionTimedOut", "lambdaFunctionTimedOutEventDetails"),
            (ResourceKind::Lambda, _) => ("LambdaFunctionSucceeded", "lambdaFunctionSucceededEventDetails"),
            (ResourceKind::Activity, Self::Scheduled) => ("ActivityScheduled", "activityScheduledEventDetails"),
            (ResourceKind::Activity, Self::Started) => ("ActivityStarted", "activityStartedEventDetails"),
            (ResourceKind::Activity, Self::Failed) => ("ActivityFailed", "activityFailedEventDetails"),
            (ResourceKind::Activity, Self::TimedOut) => ("ActivityTimedOut", "activityTimedOutEventDetails"),
            (ResourceKind::Activity, _) => ("ActivitySucceeded", "activitySucceededEventDetails"),
            (_, Self::Scheduled) => ("TaskScheduled", "taskScheduledEventDetails"),
            (_, Self::Started) => ("TaskStarted", "taskStartedEventDetails"),
            (_, Self::Submitted) => ("TaskSubmitted", "taskSubmittedEventDetails"),
            (_, Self::Succeeded) => ("TaskSucceeded", "taskSucceededEventDetails"),
            (_, Self::Failed) => ("TaskFailed", "taskFailedEventDetails"),
            (_, Self::TimedOut) => ("TaskTimedOut", "taskTimedOutEventDetails"),
        }
    }
}
