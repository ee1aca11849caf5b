//! Metrics in the embedded metric format.

use jiff::Timestamp;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

/// The namespace in CloudWatch.
pub const NAMESPACE: &str = "Throughline";

/// The names of the metrics.
pub mod names {
    /// Events handled.
    pub const PROCESSED: &str = "processed";
    /// Events that were handled before.
    pub const DUPLICATES: &str = "duplicates";
    /// Transient failures.
    pub const FAILURES_TRANSIENT: &str = "failures_transient";
    /// Permanent failures.
    pub const FAILURES_PERMANENT: &str = "failures_permanent";
    /// Records that are not events, or break their contract.
    pub const FAILURES_POISON: &str = "failures_poison";
    /// Messages sent to the dead-letter queue.
    pub const PARKED: &str = "parked";
    /// Calls to outside parties that ended after their lease had passed to another.
    pub const STALE_HOLDERS: &str = "stale_holders";
    /// Calls that were not made, or made for nothing, because a circuit was open: they count as no attempt.
    pub const CIRCUIT_REFUSALS: &str = "circuit_refusals";
    /// Circuits that opened, those that opened again after a probe included.
    pub const CIRCUITS_OPENED: &str = "circuits_opened";
    /// Circuits that closed.
    pub const CIRCUITS_CLOSED: &str = "circuits_closed";
    /// Milliseconds of each attempt that handled an event.
    pub const DURATION: &str = "duration";
    /// Milliseconds from each event's time to the start of its attempt.
    pub const EVENT_AGE: &str = "event_age";
    /// All of them.
    pub const ALL: &[&str] = &[
        PROCESSED,
        DUPLICATES,
        FAILURES_TRANSIENT,
        FAILURES_PERMANENT,
        FAILURES_POISON,
        PARKED,
        STALE_HOLDERS,
        CIRCUIT_REFUSALS,
        CIRCUITS_OPENED,
        CIRCUITS_CLOSED,
        DURATION,
        EVENT_AGE,
    ];
}

/// Values that one metric may have in a line, by
/// [the specification](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
const VALUES_PER_METRIC: usize = 100;

/// The metrics of one batch.
#[derive(Debug, Clone)]
pub struct Metrics {
    function: String,
    /// In the order in which they were counted first.
    counts: Vec<(&'static str, u64)>,
    durations: Vec<f64>,
    ages: Vec<f64>,
}

impl Metrics {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(function: &str) -> Self {
        Self { function: function.to_owned(), counts: Vec::new(), durations: Vec::new(), ages: Vec::new() }
    }

    fn add(&mut self, name: &'static str) {
        match self.counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((name, 1)),
        }
    }

    /// An event was handled.
    pub fn processed(&mut self, duration_ms: f64, age_ms: Option<f64>) {
        self.add(names::PROCESSED);
        push(&mut self.durations, duration_ms);
        if let Some(age) = age_ms {
            push(&mut self.ages, age);
        }
    }

    /// An event was handled before.
    pub fn duplicate(&mut self) {
        self.add(names::DUPLICATES);
    }

    /// An attempt failed; `class` is `transient`, `permanent` or `poison`.
    pub fn failure(&mut self, class: &str) {
        self.add(match class {
            "transient" => names::FAILURES_TRANSIENT,
            "permanent" => names::FAILURES_PERMANENT,
            _ => names::FAILURES_POISON,
        });
    }

    /// A message was parked.
    pub fn parked(&mut self) {
        self.add(names::PARKED);
    }

    /// A call to an outside party ended after its lease had passed to another.
    pub fn stale_holder(&mut self) {
        self.add(names::STALE_HOLDERS);
    }

    /// An open circuit kept an attempt from being one.
    pub fn circuit_refusal(&mut self) {
        self.add(names::CIRCUIT_REFUSALS);
    }

    /// A circuit opened.
    pub fn circuit_opened(&mut self) {
        self.add(names::CIRCUITS_OPENED);
    }

    /// A circuit closed.
    pub fn circuit_closed(&mut self) {
        self.add(names::CIRCUITS_CLOSED);
    }

    /// The lines: the counts and the first hundred values of each measure, then further values. None when nothing was counted.
    pub(crate) fn lines(&self, now: Timestamp) -> impl Iterator<Item = MetricLine<'_>> {
        let longest = self.durations.len().max(self.ages.len());
        let further = 1..longest.div_ceil(VALUES_PER_METRIC);
        let first = (!self.counts.is_empty()).then_some(0);
        first.into_iter().chain(further).map(move |nth| MetricLine { of: self, nth, now })
    }
}

/// One line of a batch's metrics.
pub(crate) struct MetricLine<'a> {
    of: &'a Metrics,
    nth: usize,
    now: Timestamp,
}

impl<'a> MetricLine<'a> {
    fn measures(&self) -> impl Iterator<Item = (&'static str, &'a [f64])> + use<'a> {
        let nth = self.nth;
        let of = [(names::DURATION, &self.of.durations), (names::EVENT_AGE, &self.of.ages)];
        of.into_iter().filter_map(move |(name, values)| Some((name, values.chunks(VALUES_PER_METRIC).nth(nth)?)))
    }

    /// All of them stand in the first line.
    fn counts(&self) -> &'a [(&'static str, u64)] {
        if self.nth == 0 { &self.of.counts } else { &[] }
    }

    fn directive(&self) -> Directive {
        let measures = self.measures().map(|(name, _)| Definition { name, unit: "Milliseconds" });
        let counts = self.counts().iter().map(|(name, _)| Definition { name, unit: "Count" });
        Directive { namespace: NAMESPACE, dimensions: [["function"]], metrics: measures.chain(counts).collect() }
    }
}

impl Serialize for MetricLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_map(None)?;
        for (name, values) in self.measures() {
            line.serialize_entry(name, values)?;
        }
        for (name, count) in self.counts() {
            line.serialize_entry(name, count)?;
        }
        line.serialize_entry("function", &self.of.function)?;
        let metadata = Metadata { timestamp: self.now.as_millisecond(), metrics: [self.directive()] };
        line.serialize_entry("_aws", &metadata)?;
        line.end()
    }
}

#[derive(Serialize)]
struct Metadata {
    #[serde(rename = "Timestamp")]
    timestamp: i64,
    #[serde(rename = "CloudWatchMetrics")]
    metrics: [Directive; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: &'static str,
}

/// To the microsecond.
fn push(values: &mut Vec<f64>, value: f64) {
    values.push((value * 1000.0).round() / 1000.0);
}
