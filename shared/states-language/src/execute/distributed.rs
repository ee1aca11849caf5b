//! Map in its distributed mode: each item is an execution of its own, which the history does not show.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html>

use futures::stream::{self, StreamExt as _};
use serde_json::{Map as Object, Value};
use uuid::Builder;

use super::Start;
use super::failure::Failure;
use super::flow::{Run, Thread};
use super::simple::{number, path_float, path_integer};
use super::state::Work;
use crate::data::{Data, EvaluationError};
use crate::history::History;
use crate::intrinsic::functions::wide;
use crate::machine::{Amount, Distributed, Map, Percentage};

/// How many child executions run at once at most: AWS's limit.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
const CONCURRENCY: usize = 10_000;

/// How many child executions may fail before the whole run does.
struct Tolerance {
    count: u64,
    percentage: f64,
}

impl Tolerance {
    #[expect(clippy::cast_precision_loss, reason = "counts of items are far below 2^53")]
    fn is_exceeded(&self, failed: u64, items: usize) -> bool {
        failed > self.count && failed as f64 * 100.0 > self.percentage * items as f64
    }
}

impl Run<'_> {
    /// The results of the child executions, without those that failed and are tolerated.
    pub(super) async fn distributed(
        &self,
        thread: &mut Thread,
        work: &Work<'_>,
        (map, distributed): (&Map, &Distributed),
        items: Vec<Value>,
        concurrency: Option<usize>,
    ) -> Result<Vec<Value>, Failure> {
        let tolerance = tolerance(distributed, self.data(thread, work.effective, work.context))?;
        let (total, run) = (items.len(), self.map_run(distributed));
        let mut started = Object::new();
        started.insert("mapRunArn".into(), run.arn.clone().into());
        self.next(thread, "MapRunStarted", Some(("mapRunStartedEventDetails", started)));
        let width = concurrency.unwrap_or(CONCURRENCY).min(CONCURRENCY);
        let children = items.into_iter().enumerate().map(|item| self.child(thread, work, map, &run, item));
        let mut children = Box::pin(stream::iter(children).buffer_unordered(width));
        let (mut results, mut failed, mut exceeded) = (Vec::new(), 0, false);
        while let Some((index, ended)) = children.next().await {
            match ended {
                Ok(output) => results.push((index, output)),
                Err(_) => failed += 1,
            }
            exceeded = tolerance.is_exceeded(failed, total);
            if exceeded {
                break;
            }
        }
        drop(children);
        if exceeded {
            let cause = "The specified tolerated failure threshold was exceeded".to_owned();
            let failure = Failure::new("States.ExceedToleratedFailureThreshold", Some(cause));
            self.next(thread, "MapRunFailed", Some(("mapRunFailedEventDetails", failure.details())));
            return Err(Failure { event: thread.event, ..failure });
        }
        self.next(thread, "MapRunSucceeded", None);
        self.record(thread.event, "MapStateSucceeded", None);
        results.sort_by_key(|(index, _)| *index);
        Ok(results.into_iter().map(|(_, output)| output).collect())
    }

    /// Runs one child execution.
    async fn child(
        &self,
        outer: &Thread,
        work: &Work<'_>,
        map: &Map,
        run: &MapRun,
        (index, item): (usize, Value),
    ) -> (usize, Result<Value, Failure>) {
        // Workflow variables do not reach into a child execution.
        let input = match self.item(&mut outer.clone(), work, map, (index, item)) {
            Ok(input) => input,
            Err(error) => return (index, Err(error.into())),
        };
        let name = self.uuid();
        let start = Start {
            execution_arn: format!("{}:{name}", run.children),
            name,
            input: input.clone(),
            input_text: String::new(),
            ..self.start.clone()
        };
        let now = self.environment.clock.now();
        let history = History::started(&start, now);
        let child = Run { environment: self.environment, start: &start, history: &history, started: now };
        let ended = child.flow(&map.processor, Thread::default(), input).await;
        (index, ended.map(|done| done.output))
    }

    fn map_run(&self, distributed: &Distributed) -> MapRun {
        let label = distributed.label.clone().unwrap_or_else(|| self.uuid());
        let base = self.start.state_machine_arn.split(':').take(5).collect::<Vec<_>>().join(":");
        let machine = &self.start.state_machine_name;
        MapRun {
            arn: format!("{base}:mapRun:{machine}/{label}:{}", self.uuid()),
            children: format!("{base}:execution:{machine}/{label}"),
        }
    }

    fn uuid(&self) -> String {
        let random = &self.environment.random;
        Builder::from_random_bytes(wide(random.next(), random.next())).into_uuid().to_string()
    }
}

struct MapRun {
    arn: String,
    /// What the ARNs of the child executions start with.
    children: String,
}

fn tolerance(distributed: &Distributed, data: Data<'_>) -> Result<Tolerance, EvaluationError> {
    let count = match &distributed.tolerated_count {
        None => 0,
        Some(Amount::Path(path)) => {
            let count = path_integer("ToleratedFailureCountPath", path, data)?;
            u64::try_from(count).map_err(|_| EvaluationError::runtime("ToleratedFailureCount cannot be negative."))?
        }
        Some(other) => number(other, data).map_err(|e| e.at("ToleratedFailureCount"))?,
    };
    let percentage = match &distributed.tolerated_percentage {
        None => 0.0,
        Some(Percentage::Fixed(number)) => *number,
        Some(Percentage::Path(path)) => path_float("ToleratedFailurePercentagePath", path, data)?,
        Some(Percentage::Expression(template)) => {
            let at = |e: EvaluationError| e.at("ToleratedFailurePercentage");
            let found = template.render(data).map_err(at)?;
            let expression = template.expression().unwrap_or_default();
            found.as_f64().ok_or_else(|| at(EvaluationError::unexpected(expression, "number", &found)))?
        }
    };
    if !(0.0..=100.0).contains(&percentage) {
        return Err(EvaluationError::runtime("ToleratedFailurePercentage must be between 0 and 100."));
    }
    Ok(Tolerance { count, percentage })
}
