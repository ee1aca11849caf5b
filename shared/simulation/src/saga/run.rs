//! One execution.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use throughline_saga::{Saga, Stage};
use throughline_states_language::{
    Clock, Environment, Executor, History, Outcome, Random, Request, Start, StateMachine, TaskError, execute, redrive,
};
use tokio::time::Instant;

use super::behaviour::Behaviour;
use super::choices::Choices;
use super::model::{Committed, Direction, Key, World};
use super::outputs::Outputs;

/// How executions are made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// Compensations leave a tombstone.
    pub(crate) tombstones: bool,
    /// Situations that cannot be told apart are gone through once.
    pub(crate) merge: bool,
}

/// What came of an execution.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) world: World,
    /// What happened to the calls of whom, in the order of their first calls.
    pub(crate) behaviours: Vec<(Key, Behaviour)>,
    pub(crate) redrives: usize,
    /// The state that was entered last.
    pub(crate) last_state: String,
    /// Whether it succeeded in the end.
    pub(crate) succeeded: bool,
    /// The states in which it needed attention.
    pub(crate) needed_attention: Vec<String>,
    /// The saga's execution was still not at its end after this many redrives.
    pub(crate) last_error: Option<String>,
    /// Calls that were not given the outputs that they should have been.
    pub(crate) badly_given: Vec<String>,
}

/// Executes `machine` with the faults that `choices` has next, redriving it until it ends, and lets everything land that
/// is under way then.
pub(crate) async fn run(saga: &Saga, machine: &StateMachine, rules: Rules, choices: Choices) -> (Ran, Choices) {
    let world = World::new(rules.tombstones);
    let state = State {
        world,
        choices,
        behaviours: Vec::new(),
        merge: rules.merge,
        side_by_side: side_by_side(saga),
        badly_given: Vec::new(),
    };
    let tasks = Arc::new(Tasks {
        options: options(saga),
        outputs: Outputs::of(saga),
        saga_seconds: saga.timeout_seconds(),
        state: Mutex::new(state),
    });
    let environment = Environment {
        executor: tasks.clone(),
        clock: Arc::new(VirtualClock { began: Instant::now() }),
        random: Arc::new(Longest),
    };
    let mut start = start(saga);
    let history = History::started(&start, environment.clock.now());
    let mut outcome = execute(machine, &start, &environment, &history).await;
    let mut needed_attention = Vec::new();
    // Each redrive ends the fault that stopped it, so there are no more of them than calls.
    let most = saga.functions().len() + 1;
    while !matches!(outcome, Outcome::Succeeded { .. }) && needed_attention.len() < most {
        needed_attention.push(last_state(&history));
        tasks.lock().mend();
        start.redrive_count += 1;
        outcome = redrive(machine, &start, &environment, &history).await;
    }
    let mut state = tasks.lock();
    state.world.land(None);
    let ran = Ran {
        world: std::mem::take(&mut state.world),
        behaviours: std::mem::take(&mut state.behaviours).into_iter().map(|call| (call.key, call.behaviour)).collect(),
        redrives: needed_attention.len(),
        last_state: last_state(&history),
        succeeded: matches!(outcome, Outcome::Succeeded { .. }),
        last_error: if let Outcome::Failed { error, .. } = &outcome { error.clone() } else { None },
        needed_attention,
        badly_given: std::mem::take(&mut state.badly_given),
    };
    (ran, std::mem::take(&mut state.choices))
}

/// The steps that run beside others: what their calls do matters to the others as long as it lasts.
fn side_by_side(saga: &Saga) -> BTreeSet<String> {
    let stages = saga.stages().iter().filter(|stage| matches!(stage, Stage::Parallel { .. }));
    stages.flat_map(Stage::tasks).map(|task| task.name().to_owned()).collect()
}

/// What can happen to the calls of each step and compensation.
fn options(saga: &Saga) -> BTreeMap<Key, &'static [Behaviour]> {
    let mut options = BTreeMap::new();
    let mut decided = false;
    for stage in saga.stages() {
        let of_step = if decided { Behaviour::PATIENT } else { Behaviour::STEP };
        for task in stage.tasks() {
            options.insert((task.name().to_owned(), Direction::Do), of_step);
            options.insert((task.name().to_owned(), Direction::Undo), Behaviour::PATIENT);
        }
        decided |= matches!(stage, Stage::Pivot(_));
    }
    if let Some(task) = saga.closing() {
        options.insert((task.name().to_owned(), Direction::Do), Behaviour::PATIENT);
    }
    options
}

fn start(saga: &Saga) -> Start {
    Start {
        execution_arn: format!("arn:aws:states:us-east-1:000000000000:execution:{}:saga_1", saga.name()),
        name: "saga_1".into(),
        role_arn: "arn:aws:iam::000000000000:role/saga".into(),
        state_machine_arn: format!("arn:aws:states:us-east-1:000000000000:stateMachine:{}", saga.name()),
        state_machine_name: saga.name().to_owned(),
        redrive_count: 0,
        input_text: String::new(),
        input: json!({ "saga": { "id": "saga_1", "name": saga.name() }, "event": { "type": saga.input().0 } }),
    }
}

fn last_state(history: &History) -> String {
    let events = history.events();
    let entered = events.iter().rev().find_map(|event| {
        let (member, details) = event.details.as_ref()?;
        (*member == "stateEnteredEventDetails").then(|| details.get("name")?.as_str().map(str::to_owned))?
    });
    entered.unwrap_or_default()
}

/// The functions.
struct Tasks {
    options: BTreeMap<Key, &'static [Behaviour]>,
    outputs: Outputs,
    saga_seconds: u32,
    state: Mutex<State>,
}

struct State {
    world: World,
    choices: Choices,
    behaviours: Vec<Call>,
    merge: bool,
    side_by_side: BTreeSet<String>,
    badly_given: Vec<String>,
}

/// The calls of a step or a compensation.
struct Call {
    key: Key,
    behaviour: Behaviour,
    attempts: usize,
    /// Redriven since: the fault is over.
    mended: bool,
}

/// What a call does.
enum Reply {
    Answers(Result<Value, TaskError>),
    Hangs,
}

impl State {
    /// A person has seen to what was wrong.
    fn mend(&mut self) {
        for call in &mut self.behaviours {
            call.mended = true;
        }
    }

    /// All that the rest of the execution depends on, time aside: where it is, with which data, what has taken or will
    /// take effect, and what runs beside it.
    fn situation(&self, request: &Request) -> String {
        let beside = self.behaviours.iter().filter(|call| self.side_by_side.contains(&call.key.0));
        let beside: Vec<_> = beside.map(|call| (&call.key, call.behaviour)).collect();
        format!("{} {} {:?} {beside:?}", request.state, request.input, self.world)
    }

    fn call(&mut self, key: &Key, options: &[Behaviour], outputs: &Outputs, request: &Request) -> Reply {
        self.badly_given.extend(outputs.badly_given(key, &self.world.answered, request));
        let known = self.behaviours.iter().position(|call| call.key == *key);
        let at = known.unwrap_or_else(|| {
            let situation = self.merge.then(|| self.situation(request));
            let behaviour = self.choices.choose(options, situation).unwrap_or(Behaviour::Succeeds);
            self.behaviours.push(Call { key: key.clone(), behaviour, attempts: 0, mended: false });
            self.behaviours.len() - 1
        });
        let Some(call) = self.behaviours.get_mut(at) else { return Reply::Hangs };
        call.attempts += 1;
        let behaviour = if call.mended { Behaviour::Succeeds } else { call.behaviour };
        let first = call.attempts == 1;
        let (step, direction) = (key.0.as_str(), key.1);
        match behaviour {
            Behaviour::Succeeds => self.answer(step, direction, outputs),
            Behaviour::AnsweredTwice if !first => self.answer(step, direction, outputs),
            Behaviour::AnsweredTwice | Behaviour::TakesEffectUnheard => {
                self.world.commit(step, direction);
                Reply::Hangs
            }
            Behaviour::Refused => Reply::Answers(Err(failure("refused"))),
            Behaviour::TimesOut => Reply::Hangs,
            Behaviour::TakesEffectLate => {
                self.world.delay(step);
                Reply::Hangs
            }
        }
    }

    fn answer(&mut self, step: &str, direction: Direction, outputs: &Outputs) -> Reply {
        let outcome = match self.world.commit(step, direction) {
            Committed::Effect => "handled",
            Committed::Duplicate => "duplicate",
            Committed::Superseded => return Reply::Answers(Err(failure("superseded"))),
        };
        if direction == Direction::Do {
            self.world.answered.insert(step.to_owned());
        }
        let response = if direction == Direction::Do { outputs.answer_of(step) } else { Value::Null };
        Reply::Answers(Ok(json!({ "StatusCode": 200, "Payload": { "outcome": outcome, "response": response } })))
    }
}

fn failure(error: &str) -> TaskError {
    TaskError { error: error.to_owned(), cause: Some(format!("the function was {error}")) }
}

impl Tasks {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reply(&self, request: &Request) -> Reply {
        let saga = request.input.get("Payload").and_then(|payload| payload.get("saga"));
        let text = |member: &str| saga.and_then(|saga| saga.get(member)).and_then(Value::as_str).unwrap_or_default();
        let direction = if text("direction") == "undo" { Direction::Undo } else { Direction::Do };
        let key = (text("step").to_owned(), direction);
        match self.options.get(&key) {
            Some(options) => self.lock().call(&key, options, &self.outputs, request),
            None => Reply::Answers(Err(failure("unknown_step"))),
        }
    }
}

impl Executor for Tasks {
    fn run<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Value, TaskError>> {
        let reply = self.reply(request);
        Box::pin(async move {
            match reply {
                Reply::Answers(result) => {
                    // So that branches take turns.
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    result
                }
                Reply::Hangs => {
                    tokio::time::sleep(Duration::from_secs(2 * u64::from(self.saga_seconds))).await;
                    Err(failure("never_answered"))
                }
            }
        })
    }
}

/// Follows tokio's clock.
struct VirtualClock {
    began: Instant,
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        let since = SignedDuration::try_from(self.began.elapsed()).unwrap_or(SignedDuration::ZERO);
        Timestamp::UNIX_EPOCH.saturating_add(since).unwrap_or(Timestamp::MAX)
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        let left = Duration::try_from(at.duration_since(self.now())).unwrap_or_default();
        Box::pin(tokio::time::sleep(left))
    }
}

/// Jitter at its longest: the same in every run.
struct Longest;

impl Random for Longest {
    fn next(&self) -> u64 {
        u64::MAX
    }
}
