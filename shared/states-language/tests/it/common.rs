//! What the tests of this crate share: virtual time, and tasks that a closure answers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};
use throughline_states_language::{
    Clock, Environment, Executor, History, Outcome, Random, Request, Start, StateMachine, TaskError, execute,
};
use tokio::time::Instant;

/// Follows tokio's clock from noon on 2026-11-24.
pub(crate) struct TestClock {
    started: Instant,
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let origin: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        origin + jiff::SignedDuration::try_from(self.started.elapsed()).unwrap()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        let left = Duration::try_from(at.duration_since(self.now())).unwrap_or_default();
        Box::pin(tokio::time::sleep(left))
    }
}

/// Counts.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Random for Counter {
    fn next(&self) -> u64 {
        self.0.fetch_add(0x5851_F42D_4C95_7F2D, Ordering::Relaxed)
    }
}

/// What a task does: takes so long, then answers.
pub(crate) type Reply = (Duration, Result<Value, TaskError>);

/// Tasks that a closure answers; it is given the number of the call, from 1.
pub(crate) struct Tasks<F> {
    reply: F,
    seen: Arc<Mutex<Vec<Value>>>,
}

impl<F: Fn(usize, &Request) -> Reply + Send + Sync> Executor for Tasks<F> {
    fn run<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Value, TaskError>> {
        let number = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(request.input.clone());
            seen.len()
        };
        let (time, result) = (self.reply)(number, request);
        Box::pin(async move {
            tokio::time::sleep(time).await;
            result
        })
    }
}

/// What came of an execution.
pub(crate) struct Ran {
    pub(crate) outcome: Outcome,
    pub(crate) events: Vec<Value>,
    pub(crate) seen: Vec<Value>,
    pub(crate) took: Duration,
}

impl Ran {
    pub(crate) fn output(&self) -> &Value {
        match &self.outcome {
            Outcome::Succeeded { output } => output,
            other => panic!("the execution ended with {other:?}"),
        }
    }

    pub(crate) fn error(&self) -> (&str, &str) {
        match &self.outcome {
            Outcome::Failed { error, cause } => (error.as_deref().unwrap_or(""), cause.as_deref().unwrap_or("")),
            other => panic!("the execution ended with {other:?}"),
        }
    }

    /// The events' types.
    pub(crate) fn kinds(&self) -> Vec<&str> {
        self.events.iter().map(|event| event["type"].as_str().unwrap()).collect()
    }

    /// The states that were entered, in order.
    pub(crate) fn entered(&self) -> Vec<&str> {
        let entered = self.events.iter().filter(|e| e["type"].as_str().unwrap().ends_with("StateEntered"));
        entered.map(|e| e["stateEnteredEventDetails"]["name"].as_str().unwrap()).collect()
    }
}

pub(crate) async fn run_with<F>(definition: &Value, input: Value, reply: F) -> Ran
where
    F: Fn(usize, &Request) -> Reply + Send + Sync + 'static,
{
    let machine = StateMachine::parse(&definition.to_string()).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let environment = Environment {
        executor: Arc::new(Tasks { reply, seen: seen.clone() }),
        clock: Arc::new(TestClock { started: Instant::now() }),
        random: Arc::new(Counter::default()),
    };
    let start = Start {
        execution_arn: "arn:aws:states:us-east-1:000000000000:execution:test:run".into(),
        name: "run".into(),
        role_arn: "arn:aws:iam::000000000000:role/test".into(),
        state_machine_arn: "arn:aws:states:us-east-1:000000000000:stateMachine:test".into(),
        state_machine_name: "test".into(),
        redrive_count: 0,
        input_text: String::new(),
        input,
    };
    let history = History::started(&start, environment.clock.now());
    let started = Instant::now();
    let outcome = execute(&machine, &start, &environment, &history).await;
    let events = history.events().iter().map(|event| event.to_json(true)).collect();
    let seen = seen.lock().unwrap().clone();
    Ran { outcome, events, seen, took: started.elapsed() }
}

/// Runs a machine without tasks, or whose tasks answer with their input.
pub(crate) async fn run(definition: &Value, input: Value) -> Ran {
    run_with(definition, input, |_, request| (Duration::ZERO, Ok(request.input.clone()))).await
}

/// A machine of one state.
pub(crate) fn only(state: Value) -> Value {
    json!({"StartAt": "Only", "States": {"Only": state}})
}

pub(crate) fn fails(error: &str) -> Reply {
    (Duration::ZERO, Err(TaskError { error: error.into(), cause: Some(format!("{error} happened")) }))
}
