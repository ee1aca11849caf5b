//! One run of a function, whoever asked for it.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;

use crate::cloud::Cloud;
use crate::faults::{Execution, ExecutionFault, Trigger};
use crate::lambda::environment::{End, Environment, Exit, InitFailure, Stamp, Work};
use crate::lambda::errors;
use crate::lambda::function::Function;
use crate::lambda::report::{Reporter, Usage};
use crate::lambda::spec::FunctionSpec;
use crate::wire::ServiceError;

/// What to run.
#[derive(Debug, Clone)]
pub(in crate::lambda) struct Event {
    pub(in crate::lambda) payload: String,
    pub(in crate::lambda) request_id: String,
    pub(in crate::lambda) trace_id: Option<String>,
    pub(in crate::lambda) client_context: Option<String>,
    /// The ARN as it was asked for.
    pub(in crate::lambda) arn: String,
    pub(in crate::lambda) trigger: Trigger,
}

/// How it went.
#[derive(Debug, Clone)]
pub(in crate::lambda) struct Outcome {
    pub(in crate::lambda) request_id: String,
    pub(in crate::lambda) payload: String,
    pub(in crate::lambda) failed: bool,
    pub(in crate::lambda) tail: String,
    /// The version that ran.
    pub(in crate::lambda) version: String,
}

/// Runs a function once. It runs to its end even when the caller goes away.
pub(in crate::lambda) async fn run(
    cloud: &Cloud,
    function: &Arc<Function>,
    event: Event,
) -> Result<Outcome, ServiceError> {
    let mark = cloud.lambda().under_way().enter(format!("invocation of {}", function.name()));
    let fault = fault(cloud, function, &event);
    match fault {
        Some(ExecutionFault::Refuse) => return Err(errors::throttled(function.family.reserved().is_some())),
        Some(ExecutionFault::Unavailable) => {
            return Err(errors::internal("The AWS Lambda service encountered an internal error."));
        }
        _ => {}
    }
    let slot = function.admit().await?;
    let task = run_in(cloud.clone(), function.clone(), event, fault);
    let task = cloud.lambda().tasks().spawn(async move {
        let outcome = task.await;
        drop((slot, mark));
        outcome
    });
    task.await.map_err(|_| errors::internal("the local cloud is shutting down"))
}

fn fault(cloud: &Cloud, function: &Function, event: &Event) -> Option<ExecutionFault> {
    cloud.faults()?.execution(&Execution {
        function: function.name(),
        version: &function.version,
        trigger: event.trigger,
        request_id: &event.request_id,
        payload: &event.payload,
        at: cloud.clock().now(),
    })
}

async fn run_in(cloud: Cloud, function: Arc<Function>, event: Event, fault: Option<ExecutionFault>) -> Outcome {
    if let Some(ExecutionFault::Late(time)) = fault {
        cloud.clock().sleep(time).await;
    }
    let settings = function.settings();
    let spec = settings.spec;
    let mut work = work(&cloud, &function, &spec, event);
    loop {
        let stamp = Stamp::of(&spec, settings.generation);
        let environment = match function.take_idle(&stamp) {
            Some(environment) => environment,
            None => match Environment::start(&cloud, &spec, stamp, &work).await {
                Ok(environment) => environment,
                Err(failure) => return failed_init(&work, failure),
            },
        };
        // The time to do it in starts when the environment is there.
        work.deadline = deadline(&cloud, spec.timeout);
        if let Some(outcome) = run_once(&function, &spec, environment, &work, fault).await {
            return outcome;
        }
    }
}

fn work(cloud: &Cloud, function: &Function, spec: &FunctionSpec, event: Event) -> Work {
    Work {
        payload: event.payload,
        trace_id: event.trace_id.unwrap_or_else(|| trace_id(cloud)),
        request_id: event.request_id,
        function_arn: event.arn,
        version: function.version.clone(),
        client_context: event.client_context,
        deadline: deadline(cloud, spec.timeout),
    }
}

fn deadline(cloud: &Cloud, timeout: Duration) -> jiff::Timestamp {
    let now = cloud.clock().now();
    let timeout = SignedDuration::try_from(timeout).unwrap_or(SignedDuration::MAX);
    now.saturating_add(timeout).unwrap_or(now)
}

/// `None`: the process had ended before it took the work, so another one may do it.
async fn run_once(
    function: &Function,
    spec: &FunctionSpec,
    mut environment: Environment,
    work: &Work,
    fault: Option<ExecutionFault>,
) -> Option<Outcome> {
    environment.begin();
    let begun = Instant::now();
    let log = environment.log().clone();
    let reporter = Reporter { spec, log: &log, request_id: &work.request_id, version: &work.version };
    reporter.start();
    let end = end(&mut environment, spec, work, fault).await?;
    let duration = begun.elapsed().min(spec.timeout);
    let usage = Usage { duration, init: environment.take_init(), memory_mb: environment.memory_mb() };
    reporter.end(&end, usage);
    let outcome = outcome(work, &end, environment.tail());
    let killed = fault.is_some() && matches!(end, End::Exit(_));
    if !(killed || matches!(end, End::Timeout(_))) || matches!(spec.code, crate::lambda::spec::Code::InProcess(_)) {
        function.put_idle(environment);
    }
    Some(outcome)
}

/// How the run ends, with the fault that it meets. `None` as of [`Environment::invoke`].
async fn end(
    environment: &mut Environment,
    spec: &FunctionSpec,
    work: &Work,
    fault: Option<ExecutionFault>,
) -> Option<End> {
    match fault {
        Some(ExecutionFault::Fail) => Some(End::Exit(Exit::failed())),
        Some(ExecutionFault::LoseAnswer) => environment.invoke(spec, work).await.map(|end| match end {
            End::Response(_) | End::Error(_) => End::Exit(Exit::killed()),
            end => end,
        }),
        Some(ExecutionFault::Kill { after }) => {
            let done = tokio::time::timeout(after, environment.invoke(spec, work)).await;
            done.unwrap_or_else(|_| Some(End::Exit(Exit::killed())))
        }
        _ => environment.invoke(spec, work).await,
    }
}

fn outcome(work: &Work, end: &End, tail: String) -> Outcome {
    Outcome {
        request_id: work.request_id.clone(),
        payload: end.payload(&work.request_id),
        failed: !matches!(end, End::Response(_)),
        tail,
        version: work.version.clone(),
    }
}

fn failed_init(work: &Work, failure: InitFailure) -> Outcome {
    outcome(work, &failure.end, failure.tail)
}

/// A trace that nobody samples ([X-Ray's header](https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html)).
pub(super) fn trace_id(cloud: &Cloud) -> String {
    let root = cloud.uuid().simple().to_string();
    let parent = cloud.uuid().simple().to_string();
    let seconds = cloud.clock().now().as_second();
    let (root, parent) = (root.get(..24).unwrap_or_default(), parent.get(..16).unwrap_or_default());
    format!("Root=1-{seconds:08x}-{root};Parent={parent};Sampled=0")
}
