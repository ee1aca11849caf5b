//! Map: its items, and its inline mode.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html>

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::try_join_all;
use serde_json::{Map as Object, Value, json};

use super::abort::{Group, Guard};
use super::failure::Failure;
use super::flow::{Run, Thread};
use super::simple::{number, path_integer};
use super::state::{Left, Work};
use crate::data::{Data, EvaluationError};
use crate::history::Details;
use crate::machine::{Amount, Map, QueryLanguage};
use crate::template::Template;

/// How many iterations AWS runs at once at most, if the state sets no limit.
const CONCURRENCY: usize = 40;

/// An iteration that came to its end.
struct Ended {
    index: usize,
    output: Value,
    /// The last event of its states: the next iteration follows this one.
    event: u64,
    /// `MapIterationSucceeded`.
    succeeded: u64,
}

/// What the iterations of one Map state share.
struct Iterations<'a> {
    outer: Thread,
    group: Group,
    work: &'a Work<'a>,
    map: &'a Map,
    items: &'a [Value],
    /// The index of the next item that no iteration has taken.
    next: AtomicUsize,
}

impl Run<'_> {
    /// Runs an iteration per item; the first that fails stops the others.
    pub(super) async fn map(&self, thread: &mut Thread, work: &Work<'_>, map: &Map) -> Result<Left, Failure> {
        let data = self.data(thread, work.effective, work.context);
        let items = items(map, data, work)?;
        let concurrency = concurrency(&map.max_concurrency, data)?;
        let mut started = Object::new();
        started.insert("length".into(), items.len().into());
        self.next(thread, "MapStateStarted", Some(("mapStateStartedEventDetails", started)));
        let results = match &map.distributed {
            Some(distributed) => self.distributed(thread, work, (map, distributed), items, concurrency).await?,
            None => self.inline(thread, work, map, &items, concurrency).await?,
        };
        self.combine(thread, work, &map.service, Value::Array(results))
    }

    async fn inline(
        &self,
        thread: &mut Thread,
        work: &Work<'_>,
        map: &Map,
        items: &[Value],
        concurrency: Option<usize>,
    ) -> Result<Vec<Value>, Failure> {
        let width = concurrency.unwrap_or(CONCURRENCY).min(CONCURRENCY).min(items.len());
        let group = Group::default();
        let outer = thread.nested(&group);
        let iterations = Iterations { outer, group, work, map, items, next: AtomicUsize::new(width) };
        // As AWS does, the first iterations are all recorded before any of them goes on.
        let first: Vec<u64> = (0..width).map(|index| self.begin(&iterations, thread.event, index)).collect();
        let slots = first.into_iter().enumerate().map(|(index, started)| self.slot(&iterations, index, started));
        let ended = match try_join_all(slots).await {
            Ok(ended) => ended,
            Err(failure) => {
                thread.event = failure.event;
                return Err(failure);
            }
        };
        let mut ended: Vec<Ended> = ended.into_iter().flatten().collect();
        ended.sort_by_key(|ended| ended.index);
        thread.event = ended.iter().map(|ended| ended.succeeded).max().unwrap_or(thread.event);
        // The state's exit follows the last iteration, not this event.
        self.record(thread.event, "MapStateSucceeded", None);
        Ok(ended.into_iter().map(|ended| ended.output).collect())
    }

    /// One iteration after the other, as long as there are items that nobody has taken.
    async fn slot(
        &self,
        iterations: &Iterations<'_>,
        mut index: usize,
        mut started: u64,
    ) -> Result<Vec<Ended>, Failure> {
        let mut done = Vec::new();
        while let Some(item) = iterations.items.get(index) {
            let ended = self.iteration(iterations, (index, item.clone()), started).await?;
            index = iterations.next.fetch_add(1, Ordering::Relaxed);
            if index < iterations.items.len() {
                started = self.begin(iterations, ended.event, index);
            }
            done.push(ended);
        }
        Ok(done)
    }

    fn begin(&self, iterations: &Iterations<'_>, previous: u64, index: usize) -> u64 {
        let details = named(iterations.work.name, index, "mapIterationStartedEventDetails");
        self.record(previous, "MapIterationStarted", details)
    }

    async fn iteration(
        &self,
        iterations: &Iterations<'_>,
        (index, item): (usize, Value),
        started: u64,
    ) -> Result<Ended, Failure> {
        let Iterations { group, work, map, .. } = iterations;
        let mut thread = Thread { event: started, ..iterations.outer.clone() };
        let input = self.item(&mut thread, work, map, (index, item));
        let mut flow = input.map(|input| self.flow(&map.processor, thread, input));
        // Made after the flow, so that it is dropped, and records, before the states of the flow do.
        let aborted = named(work.name, index, "mapIterationAbortedEventDetails");
        let guard = Guard::new(self, &iterations.outer, Some("MapIterationAborted"), aborted);
        let ended = match &mut flow {
            Ok(flow) => flow.await,
            Err(error) => Err(Failure { event: started, ..Failure::from(error.clone()) }),
        };
        guard.over();
        match ended {
            Ok(done) => {
                let details = named(work.name, index, "mapIterationSucceededEventDetails");
                let succeeded = self.record(done.event, "MapIterationSucceeded", details);
                Ok(Ended { index, output: done.output, event: done.event, succeeded })
            }
            Err(failure) => {
                let details = named(work.name, index, "mapIterationFailedEventDetails");
                self.record(failure.event, "MapIterationFailed", details);
                group.fail(failure.event);
                Err(self.abort_task(failure))
            }
        }
    }

    /// The input of one iteration. `ItemSelector` reads the Map state's input and, in the context object, the item.
    pub(super) fn item(
        &self,
        thread: &mut Thread,
        work: &Work<'_>,
        map: &Map,
        (index, item): (usize, Value),
    ) -> Result<Value, EvaluationError> {
        let place = json!({"Index": index, "Value": item});
        let mut context = work.context.clone();
        if let Some(object) = context.as_object_mut() {
            object.insert("Map".into(), json!({"Item": place}));
        }
        thread.map_item = Some(place);
        let Some(template) = &map.item_selector else { return Ok(item) };
        let input = if work.state.language == QueryLanguage::Jsonata { work.input } else { work.effective };
        template.render(self.data(thread, input, &context)).map_err(|e| e.at("ItemSelector"))
    }
}

fn named(name: &str, index: usize, member: &'static str) -> Details {
    let mut details = Object::new();
    details.insert("name".into(), name.into());
    details.insert("index".into(), index.into());
    Some((member, details))
}

fn items(map: &Map, data: Data<'_>, work: &Work<'_>) -> Result<Vec<Value>, EvaluationError> {
    let found = match &map.items {
        Some(template) => template.render(data).map_err(|e| e.at("Items"))?,
        None => work.effective.clone(),
    };
    match (found, &map.items) {
        (Value::Array(items), _) => Ok(items),
        (other, Some(Template::Jsonata(expression))) => {
            Err(EvaluationError::unexpected(expression.text(), "array", &other).at("Items"))
        }
        (_, Some(Template::Path(path))) => {
            Err(EvaluationError::runtime(format!("Reference path \"{}\" must point to array.", path.text())))
        }
        (_, None) if work.state.language == QueryLanguage::JsonPath => {
            Err(EvaluationError::runtime("Reference path \"$\" must point to array."))
        }
        (other, _) => {
            let cause = format!("Map state input must be an array but was: {other}");
            Err(EvaluationError::new("States.QueryEvaluationError", cause))
        }
    }
}

/// `None`: no limit.
fn concurrency(amount: &Amount, data: Data<'_>) -> Result<Option<usize>, EvaluationError> {
    let limit = match amount {
        Amount::Path(path) => path_integer("MaxConcurrencyPath", path, data)?,
        other => i64::try_from(number(other, data).map_err(|e| e.at("MaxConcurrency"))?).unwrap_or(i64::MAX),
    };
    match usize::try_from(limit) {
        Ok(0) => Ok(None),
        Ok(limit) => Ok(Some(limit)),
        Err(_) => Err(EvaluationError::runtime("MaxConcurrency cannot be negative.")),
    }
}
