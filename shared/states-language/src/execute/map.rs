//! Map, in its inline mode.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html>

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::{Map as Object, Value, json};

use super::abort::{Group, Guard};
use super::failure::Failure;
use super::flow::{Done, Run, Thread};
use super::simple::number;
use super::state::{Left, Work};
use crate::data::EvaluationError;
use crate::machine::{Map, QueryLanguage};

/// How many iterations AWS runs at once at most, if the state sets no limit.
const CONCURRENCY: usize = 40;

impl Run<'_> {
    /// Runs an iteration per item; the first that fails stops the others.
    pub(super) async fn map(&self, thread: &mut Thread, work: &Work<'_>, map: &Map) -> Result<Left, Failure> {
        let data = self.data(thread, work.effective, work.context);
        let items = match &map.items {
            Some(template) => template.render(data).map_err(|e| e.at("Items"))?,
            None => work.effective.clone(),
        };
        let Value::Array(items) = items else {
            let cause = format!("The items of a Map state must be an array, not {items}");
            return Err(EvaluationError::runtime(cause).into());
        };
        let concurrency = match usize::try_from(number(&map.max_concurrency, data)?) {
            Ok(0) | Err(_) => CONCURRENCY,
            Ok(limit) => limit.min(CONCURRENCY),
        };
        let mut started = Object::new();
        started.insert("length".into(), items.len().into());
        self.next(thread, "MapStateStarted", Some(("mapStateStartedEventDetails", started)));
        let group = Group::default();
        let outer = thread.nested(&group);
        let iterations = items.into_iter().enumerate();
        let iterations = iterations.map(|(index, item)| self.iteration(&outer, &group, work, map, (index, item)));
        let done: Result<Vec<(usize, Done)>, Failure> =
            stream::iter(iterations).buffer_unordered(concurrency).try_collect().await;
        let done = match done {
            Ok(mut done) => {
                done.sort_by_key(|(index, _)| *index);
                done
            }
            Err(failure) => {
                thread.event = failure.event;
                self.next(thread, "MapStateFailed", None);
                return Err(Failure { event: thread.event, ..failure });
            }
        };
        thread.event = done.iter().map(|(_, d)| d.event).max().unwrap_or(thread.event);
        self.next(thread, "MapStateSucceeded", None);
        let results = Value::Array(done.into_iter().map(|(_, d)| d.output).collect());
        self.combine(thread, work, &map.service, results)
    }

    async fn iteration(
        &self,
        outer: &Thread,
        group: &Group,
        work: &Work<'_>,
        map: &Map,
        (index, item): (usize, Value),
    ) -> Result<(usize, Done), Failure> {
        let mut thread = outer.clone();
        let mut named = Object::new();
        named.insert("name".into(), work.name.into());
        named.insert("index".into(), index.into());
        let details = |member| Some((member, named.clone()));
        self.next(&mut thread, "MapIterationStarted", details("mapIterationStartedEventDetails"));
        let event = thread.event;
        let guard = Guard::new(self, &thread, Some("MapIterationAborted"));
        let ended = match self.item(&mut thread, work, map, (index, item)) {
            Ok(input) => self.flow(&map.processor, thread, input).await,
            Err(error) => Err(Failure { event, ..Failure::from(error) }),
        };
        guard.over();
        match ended {
            Ok(done) => {
                let event =
                    self.record(done.event, "MapIterationSucceeded", details("mapIterationSucceededEventDetails"));
                Ok((index, Done { event, ..done }))
            }
            Err(failure) => {
                let event = self.record(failure.event, "MapIterationFailed", details("mapIterationFailedEventDetails"));
                group.fail();
                Err(Failure { event, ..failure })
            }
        }
    }

    /// The input of one iteration. `ItemSelector` reads the Map state's input and, in the context object, the item.
    fn item(
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
