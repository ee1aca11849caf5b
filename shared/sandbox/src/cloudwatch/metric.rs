//! Metrics and their buckets.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors;
use super::input::Input;
use super::stats::Stats;
use super::units::Unit;
use crate::wire::ServiceError;

/// The most dimensions of a metric.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html>
pub(super) const MOST_DIMENSIONS: usize = 30;

/// How long values are kept, in seconds: buckets of a second for three hours, of a minute for fifteen days. (AWS then keeps
/// them in buckets of five minutes and of an hour; nothing here lives that long.)
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention>
const SECONDS_KEPT: i64 = 3 * 3_600;
const MINUTES_KEPT: i64 = 15 * 86_400;

/// What makes a metric: name and namespace, and dimensions whose order does not matter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) dimensions: BTreeMap<String, String>,
}

impl Key {
    /// The metric that a request's `Namespace`, `MetricName` and `Dimensions` name.
    pub(super) fn read(input: &Input<'_>) -> Result<Self, ServiceError> {
        Self::of(input.text("Namespace")?, input)
    }

    pub(super) fn of(namespace: &str, input: &Input<'_>) -> Result<Self, ServiceError> {
        let mut dimensions = BTreeMap::new();
        for dimension in input.list("Dimensions") {
            dimensions.insert(dimension.text("Name")?.to_owned(), dimension.text("Value")?.to_owned());
        }
        if dimensions.len() > MOST_DIMENSIONS {
            let message = format!("The collection {} must not have a size greater than 30.", input.named("Dimensions"));
            return Err(errors::validation(message));
        }
        Ok(Self { namespace: namespace.to_owned(), name: input.text("MetricName")?.to_owned(), dimensions })
    }

    pub(super) fn shown(&self) -> Value {
        let dimensions: Vec<Value> =
            self.dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
        json!({ "Namespace": self.namespace, "MetricName": self.name, "Dimensions": dimensions })
    }
}

/// The values of a metric, by the second in which their bucket starts and by unit.
#[derive(Debug, Default)]
pub(super) struct Metric {
    seconds: BTreeMap<i64, BTreeMap<Unit, Stats>>,
    minutes: BTreeMap<i64, BTreeMap<Unit, Stats>>,
    /// When a value last came, in seconds since 1970.
    pub(super) active: i64,
}

impl Metric {
    /// Adds values at a time in seconds since 1970; `fine` keeps the second, otherwise the minute is kept.
    pub(super) fn add(&mut self, now: i64, at: i64, unit: Unit, fine: bool, stats: &Stats) {
        self.active = self.active.max(now);
        let (buckets, start) = if fine { (&mut self.seconds, at) } else { (&mut self.minutes, at - at.rem_euclid(60)) };
        buckets.entry(start).or_default().entry(unit).or_default().add(stats);
        self.expire(now);
    }

    fn expire(&mut self, now: i64) {
        // Values of a second are seen by the minute for as long as those of a minute.
        let kept = self.seconds.split_off(&(now - SECONDS_KEPT));
        for (start, units) in std::mem::replace(&mut self.seconds, kept) {
            let minute = self.minutes.entry(start - start.rem_euclid(60)).or_default();
            for (unit, stats) in units {
                minute.entry(unit).or_default().add(&stats);
            }
        }
        self.minutes = self.minutes.split_off(&(now - MINUTES_KEPT));
    }

    /// The values from `start` to before `end`, by unit and by the start of their period; periods count from `start`.
    pub(super) fn periods(&self, start: i64, end: i64, period: i64) -> BTreeMap<Unit, BTreeMap<i64, Stats>> {
        let mut periods: BTreeMap<Unit, BTreeMap<i64, Stats>> = BTreeMap::new();
        let buckets = self.seconds.range(start..end.max(start)).chain(self.minutes.range(start..end.max(start)));
        for (at, units) in buckets {
            let first = start + (at - start) / period * period;
            for (unit, stats) in units {
                periods.entry(*unit).or_default().entry(first).or_default().add(stats);
            }
        }
        periods
    }
}

/// The start that a request means: rounded down to the minute, or to the period where that is shorter.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html>
pub(super) fn rounded_start(start: i64, period: i64) -> i64 {
    start - start.rem_euclid(period.clamp(1, 60))
}

/// Whether CloudWatch has periods of this length.
pub(super) fn is_period(seconds: i64) -> bool {
    matches!(seconds, 1 | 5 | 10 | 20 | 30) || (seconds > 0 && seconds % 60 == 0)
}
