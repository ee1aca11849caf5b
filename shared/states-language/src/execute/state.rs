//! One visit to one state: enter, attempt, retry, catch, exit.

use serde_json::{Map, Value, json};

use super::abort::{self, Guard};
use super::context::Visit;
use super::failure::Failure;
use super::flow::{Run, Thread};
use super::later;
use super::retry::Retries;
use crate::data::{Data, EvaluationError, payload_text};
use crate::history::{Entered, Resume, details};
use crate::json::json_text;
use crate::machine::{Catcher, Kind, Next, QueryLanguage, State};

/// A state that did its work.
pub(super) struct Left {
    pub(super) output: Value,
    pub(super) assigned: Map<String, Value>,
    /// Where to go, if not where the state's own field says.
    pub(super) next: Option<Next>,
}

/// What a state works with.
pub(super) struct Work<'a> {
    pub(super) name: &'a str,
    pub(super) state: &'a State,
    /// The raw input.
    pub(super) input: &'a Value,
    /// What `InputPath` leaves of it.
    pub(super) effective: &'a Value,
    pub(super) context: &'a Value,
}

impl Run<'_> {
    /// The output and where to go next. With `entered`, a redrive takes the state up where it had been entered.
    pub(super) async fn state(
        &self,
        thread: &mut Thread,
        name: &str,
        state: &State,
        input: Value,
        entered: Option<Entered>,
    ) -> Result<(Value, Next), Failure> {
        self.room(thread)?;
        let entered = entered.filter(|_| state.kind.service().is_some());
        let entered = entered.unwrap_or_else(|| self.enter(thread, name, state, &input));
        if !thread.is_nested() {
            self.history.keep(Resume {
                state: name.to_owned(),
                input: input.clone(),
                variables: thread.variables.clone(),
                entered,
            });
        }
        let guard = Guard::new(self, thread, abort::event(&state.kind), None);
        let left = self.visit(thread, name, state, input, entered).await;
        guard.over();
        left
    }

    fn enter(&self, thread: &mut Thread, name: &str, state: &State, input: &Value) -> Entered {
        let at = self.environment.clock.now();
        let previous = thread.event;
        // The first state is given the input as it was sent.
        let input = if previous == 0 && !thread.is_nested() { self.start.text() } else { json_text(input) };
        let entered = details([("name", Some(name.to_owned())), ("input", Some(input))]);
        self.next(thread, event(&state.kind, "Entered"), Some(("stateEnteredEventDetails", entered)));
        Entered { event: thread.event, previous, at }
    }

    async fn visit(
        &self,
        thread: &mut Thread,
        name: &str,
        state: &State,
        input: Value,
        entered: Entered,
    ) -> Result<(Value, Next), Failure> {
        let mut retries = Retries::new(state.kind.service().map_or(&[], |s| &s.retriers));
        loop {
            let retry_count = state.kind.service().map(|_| retries.count);
            let visit = Visit { name, entered: entered.at, retry_count };
            let context = self.context(thread, &visit);
            let failure = match self.attempt(thread, name, state, &input, &context).await {
                Ok(left) => return self.leave(thread, name, state, left),
                Err(failure) => failure,
            };
            let own = failure.evaluated.as_ref().is_some_and(|evaluated| !evaluated.jsonata);
            let failure = self.placed(thread, name, entered, failure);
            if failure.event > 0 {
                thread.event = failure.event;
            }
            if let Some(delay) = retries.delay(&failure, &*self.environment.random) {
                let at = later(self.environment.clock.now(), delay);
                self.environment.clock.sleep_until(at).await;
                self.room(thread)?;
                continue;
            }
            if let Some(kind) = failed(&state.kind).filter(|_| !own) {
                self.next(thread, kind, None);
            }
            let Some(catcher) = catcher(state, &failure) else {
                return Err(Failure { event: thread.event, ..failure });
            };
            let left = self.caught(thread, state, catcher, (&input, &context), &failure);
            let left = left.map_err(|e| {
                let failure = self.placed(thread, name, entered, e.into());
                Failure { event: thread.event, ..failure }
            })?;
            return self.leave(thread, name, state, left);
        }
    }

    /// Says in the cause which state it was; a failed JSONata expression has an event of its own.
    fn placed(&self, thread: &mut Thread, name: &str, entered: Entered, failure: Failure) -> Failure {
        let evaluated = failure.evaluated.clone().filter(|evaluated| evaluated.jsonata);
        let failure = failure.placed(name, entered.event);
        if let Some(evaluated) = evaluated {
            let mut details = failure.details();
            if !evaluated.location.is_empty() {
                details.insert("location".into(), evaluated.location.into());
            }
            details.insert("state".into(), name.into());
            // Of a state that has not begun its work, the event follows the one before the state.
            let fresh = thread.event == entered.event && !evaluated.late;
            let previous = if fresh { entered.previous } else { thread.event };
            let details = Some(("evaluationFailedEventDetails", details));
            thread.event = self.record(previous, "EvaluationFailed", details);
        }
        failure
    }

    /// Fails when the history is full, which also ends a loop that never waits.
    fn room(&self, thread: &Thread) -> Result<(), Failure> {
        if !self.history.is_full() {
            return Ok(());
        }
        let cause =
            format!("The execution reached the maximum number of history events ({}).", crate::limits::HISTORY_EVENTS);
        Err(Failure { event: thread.event, ..Failure::new("States.Runtime", Some(cause)) })
    }

    async fn attempt(
        &self,
        thread: &mut Thread,
        name: &str,
        state: &State,
        input: &Value,
        context: &Value,
    ) -> Result<Left, Failure> {
        let effective = match (&state.input_path, state.language) {
            (_, QueryLanguage::Jsonata) => input.clone(),
            (Some(path), _) => path.require(self.data(thread, input, context))?,
            (None, _) => json!({}),
        };
        let work = Work { name, state, input, effective: &effective, context };
        match &state.kind {
            Kind::Pass(pass) => self.pass(thread, &work, pass),
            Kind::Task(task) => self.task(thread, &work, task).await,
            Kind::Choice(choices) => self.choice(thread, &work, choices),
            Kind::Wait(wait) => self.wait(thread, &work, wait).await,
            Kind::Succeed => self.finish(thread, &work, effective.clone(), None),
            Kind::Fail(fail) => Err(self.fail(thread, &work, fail)?),
            Kind::Parallel(parallel) => self.parallel(thread, &work, parallel).await,
            Kind::Map(map) => self.map(thread, &work, map).await,
        }
    }

    /// Records the exit; what the state assigned holds from now on.
    fn leave(&self, thread: &mut Thread, name: &str, state: &State, left: Left) -> Result<(Value, Next), Failure> {
        let Some(output) = payload_text(&left.output) else {
            return Err(Failure { event: thread.event, ..Failure::too_large(name) });
        };
        let mut exited = details([("name", Some(name.to_owned())), ("output", Some(output))]);
        if !left.assigned.is_empty() {
            let texts = left.assigned.iter().map(|(name, value)| (name.clone(), json_text(value).into()));
            exited.insert("assignedVariables".into(), Value::Object(texts.collect()));
            exited.insert("assignedVariablesDetails".into(), json!({"truncated": false}));
        }
        self.next(thread, event(&state.kind, "Exited"), Some(("stateExitedEventDetails", exited)));
        thread.variables.extend(left.assigned);
        let next = left.next.or_else(|| state.next.clone()).unwrap_or(Next::End);
        Ok((left.output, next))
    }

    /// From the combined data (JSONPath) or the result (JSONata) to the output. `result` is what `Assign` reads.
    pub(super) fn finish(
        &self,
        thread: &Thread,
        work: &Work<'_>,
        combined: Value,
        result: Option<&Value>,
    ) -> Result<Left, Failure> {
        let data = Data { result, ..self.data(thread, work.input, work.context) };
        let output = match (&work.state.output, &work.state.output_path, work.state.language) {
            (Some(template), _, QueryLanguage::Jsonata) => template.render(data).map_err(|e| e.at("Output"))?,
            (None, _, QueryLanguage::Jsonata) => combined,
            (_, Some(path), _) => path.require(data.with_input(&combined))?,
            (_, None, _) => json!({}),
        };
        let assigned = match (&work.state.assign, work.state.language) {
            (Some(template), QueryLanguage::Jsonata) => template.render(data).map_err(|e| e.at("Assign"))?,
            (Some(template), QueryLanguage::JsonPath) => {
                template.render(data.with_input(result.unwrap_or(work.effective)))?
            }
            (None, _) => Value::Null,
        };
        Ok(Left { output, assigned: object(assigned), next: None })
    }

    fn caught(
        &self,
        thread: &Thread,
        state: &State,
        catcher: &Catcher,
        (input, context): (&Value, &Value),
        failure: &Failure,
    ) -> Result<Left, EvaluationError> {
        let error = failure.error_output();
        let data = Data { error_output: Some(&error), ..self.data(thread, input, context) };
        let (output, assigned) = match state.language {
            QueryLanguage::JsonPath => {
                let output = match &catcher.result_path {
                    Some(path) => path.set(input.clone(), error.clone())?,
                    None => input.clone(),
                };
                (output, catcher.assign.as_ref().map(|t| t.render(data.with_input(&error))))
            }
            QueryLanguage::Jsonata => {
                let output = catcher.output.as_ref().map_or_else(|| Ok(error.clone()), |t| t.render(data))?;
                (output, catcher.assign.as_ref().map(|t| t.render(data)))
            }
        };
        let assigned = object(assigned.transpose()?.unwrap_or_default());
        Ok(Left { output, assigned, next: Some(Next::State(catcher.next.clone())) })
    }
}

/// The event of a Parallel or Map state that failed for good.
fn failed(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Parallel(_) => Some("ParallelStateFailed"),
        Kind::Map(_) => Some("MapStateFailed"),
        _ => None,
    }
}

fn catcher<'a>(state: &'a State, failure: &Failure) -> Option<&'a Catcher> {
    state.kind.service()?.catchers.iter().find(|catcher| failure.matches(&catcher.errors))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn event(kind: &Kind, what: &str) -> &'static str {
    let entered = what == "Entered";
    match kind {
        Kind::Pass(_) => {
            if entered {
                "PassStateEntered"
            } else {
                "PassStateExited"
            }
        }
        Kind::Task(_) => {
            if entered {
                "TaskStateEntered"
            } else {
                "TaskStateExited"
            }
        }
        Kind::Choice(_) => {
            if entered {
                "ChoiceStateEntered"
            } else {
                "ChoiceStateExited"
            }
        }
        Kind::Wait(_) => {
            if entered {
                "WaitStateEntered"
            } else {
                "WaitStateExited"
            }
        }
        Kind::Succeed => {
            if entered {
                "SucceedStateEntered"
            } else {
                "SucceedStateExited"
            }
        }
        Kind::Fail(_) => {
            if entered {
                "FailStateEntered"
            } else {
                "FailStateExited"
            }
        }
        Kind::Parallel(_) => {
            if entered {
                "ParallelStateEntered"
            } else {
                "ParallelStateExited"
            }
        }
        Kind::Map(_) => {
            if entered {
                "MapStateEntered"
            } else {
                "MapStateExited"
            }
        }
    }
}
