//! `PutMetricData`.

use jiff::Timestamp;
use serde_json::json;

use super::errors;
use super::input::Input;
use super::metric::Key;
use super::stats::Stats;
use super::units::{self, Unit};
use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

/// Limits of [PutMetricData](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html).
const MOST_METRICS: usize = 1_000;
const MOST_VALUES: usize = 150;
const OLDEST: i64 = 14 * 86_400;
const NEWEST: i64 = 2 * 3_600;

/// A datum that was read.
struct Datum {
    key: Key,
    at: i64,
    unit: Unit,
    fine: bool,
    stats: Stats,
}

pub(super) fn put(cloud: &Cloud, input: Input<'_>) -> Answer {
    if input.has("EntityMetricData") {
        return Err(ServiceError::unsupported(Service::CloudWatch, "PutMetricData with EntityMetricData"));
    }
    let namespace = input.text("Namespace")?;
    if namespace.starts_with("AWS/") || namespace.is_empty() || namespace.len() > 255 {
        return Err(errors::value(format!("The value {namespace} for parameter Namespace is invalid.")));
    }
    let data = input.list("MetricData");
    if data.is_empty() {
        return Err(errors::missing("MetricData"));
    }
    if data.len() > MOST_METRICS {
        let message = "The collection MetricData must not have a size greater than 1000.";
        return Err(errors::validation(message));
    }
    let now = cloud.clock().now();
    let data: Vec<Datum> = data.iter().map(|datum| read(namespace, datum, now)).collect::<Result<_, _>>()?;
    let mut state = cloud.cloudwatch().state();
    for Datum { key, at, unit, fine, stats } in data {
        state.entry(key).or_default().add(now.as_second(), at, unit, fine, &stats);
    }
    Ok(json!({}))
}

fn read(namespace: &str, datum: &Input<'_>, now: Timestamp) -> Result<Datum, ServiceError> {
    let at = datum.time("Timestamp")?.unwrap_or(now).as_second();
    if !in_time(at, now.as_second()) {
        let message = format!(
            "The parameter {} must specify a time within the past two weeks and no more than two hours in the future.",
            datum.named("Timestamp")
        );
        return Err(errors::value(message));
    }
    Ok(Datum {
        key: Key::of(namespace, datum)?,
        at,
        unit: read_unit(datum)?.unwrap_or_default(),
        fine: datum.integer("StorageResolution")? == Some(1),
        stats: read_stats(datum)?,
    })
}

/// Whether CloudWatch takes values of this time.
pub(super) fn in_time(at: i64, now: i64) -> bool {
    (now - OLDEST..=now + NEWEST).contains(&at)
}

pub(super) fn read_unit(input: &Input<'_>) -> Result<Option<Unit>, ServiceError> {
    let Some(text) = input.optional("Unit") else { return Ok(None) };
    let refusal = || {
        errors::validation(format!(
            "1 validation error detected: Value '{text}' at '{}' failed to satisfy constraint: Member must satisfy enum \
             value set: [{}]",
            input.named("Unit"),
            units::Unit::all()
        ))
    };
    Unit::parse(text).map(Some).ok_or_else(refusal)
}

/// The values of a datum: one, several with their counts, or a statistic set; as AWS has it, also the last two together.
fn read_stats(datum: &Input<'_>) -> Result<Stats, ServiceError> {
    let named = |member| datum.named(member);
    for other in ["Values", "StatisticValues"] {
        if datum.has("Value") && datum.has(other) {
            return Err(errors::exclusive(&named("Value"), &named(other)));
        }
    }
    let (values, counts) = (datum.numbers("Values")?, datum.numbers("Counts")?);
    if !counts.is_empty() && counts.len() != values.len() {
        let message = format!("The parameters {} and {} must be of the same size.", named("Values"), named("Counts"));
        return Err(errors::value(message));
    }
    if values.len() > MOST_VALUES {
        let message = format!("The collection {} must not have a size greater than 150.", named("Values"));
        return Err(errors::validation(message));
    }
    let mut stats = Stats::default();
    if let Some(value) = datum.number("Value")? {
        stats.add(&Stats::of(value, 1.0));
    }
    for (place, value) in values.into_iter().enumerate() {
        stats.add(&Stats::of(value, counts.get(place).copied().unwrap_or(1.0)));
    }
    if let Some(set) = datum.part("StatisticValues") {
        let number = |member| set.number(member)?.ok_or_else(|| errors::missing(&set.named(member)));
        let (count, sum) = (number("SampleCount")?, number("Sum")?);
        stats.add(&Stats::of_set(count, sum, number("Minimum")?, number("Maximum")?));
    }
    if stats.count == 0.0 {
        let message = format!(
            "At least one of the parameters {}, {} and {} must be specified.",
            named("Value"),
            named("Values"),
            named("StatisticValues")
        );
        return Err(errors::combination(message));
    }
    Ok(stats)
}
