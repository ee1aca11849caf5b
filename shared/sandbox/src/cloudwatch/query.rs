//! `GetMetricData`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::errors;
use super::input::Input;
use super::list::{offset, token};
use super::metric::{Key, Metric, is_period, rounded_start};
use super::put::read_unit;
use super::statistic::Statistic;
use super::units::Unit;
use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError, set_member};

/// Limits of [GetMetricData](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html).
const MOST_QUERIES: usize = 500;
const MOST_POINTS: usize = 100_800;

/// One metric and one statistic of it.
struct Query<'a> {
    id: &'a str,
    label: Option<&'a str>,
    returned: bool,
    key: Key,
    period: i64,
    stat: &'a str,
    statistic: Statistic,
    unit: Option<Unit>,
}

/// What a query found: points in the order that was asked for, and the units that there were.
struct Found {
    points: Vec<(i64, f64)>,
    units: Vec<Unit>,
}

pub(super) fn get(cloud: &Cloud, input: Input<'_>) -> Answer {
    let time = |member| Ok(input.time(member)?.ok_or_else(|| errors::missing(member))?.as_second());
    let (start, end): (i64, i64) = (time("StartTime")?, time("EndTime")?);
    if start >= end {
        return Err(errors::validation("The parameter StartTime must be less than the parameter EndTime."));
    }
    let ascending = input.optional("ScanBy") == Some("TimestampAscending");
    let most = input.integer("MaxDatapoints")?.map_or(Some(MOST_POINTS), |most| usize::try_from(most).ok());
    let most = most.filter(|most| (1..=MOST_POINTS).contains(most)).ok_or_else(|| {
        errors::validation(format!("The parameter MaxDatapoints must be between 1 and {MOST_POINTS}."))
    })?;
    let queries = read(&input)?;
    let skipped = offset(input.optional("NextToken"))?;
    let state = cloud.cloudwatch().state();
    let found =
        queries.iter().map(|query| find(query, state.get(&query.key), start, end, ascending)).collect::<Vec<_>>();
    Ok(page(&queries, found, skipped, most))
}

fn read<'a>(input: &Input<'a>) -> Result<Vec<Query<'a>>, ServiceError> {
    let queries = input.list("MetricDataQueries");
    if queries.is_empty() {
        return Err(errors::missing("MetricDataQueries"));
    }
    if queries.len() > MOST_QUERIES {
        let message = "The collection MetricDataQueries must not have a size greater than 500.";
        return Err(errors::validation(message));
    }
    let queries: Vec<Query<'a>> = queries.iter().map(read_query).collect::<Result<_, _>>()?;
    let mut ids = BTreeSet::new();
    match queries.iter().find(|query| !ids.insert(query.id)) {
        Some(twice) => Err(errors::validation(format!("The values for parameter id are not unique: {}.", twice.id))),
        None => Ok(queries),
    }
}

fn read_query<'a>(input: &Input<'a>) -> Result<Query<'a>, ServiceError> {
    let id = input.text("Id")?;
    let valid = id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !valid {
        return Err(errors::validation(format!("The value {id} for parameter {} is invalid.", input.named("Id"))));
    }
    let refused =
        |what: &str| Err(ServiceError::unsupported(Service::CloudWatch, &format!("GetMetricData with {what}")));
    if let Some(expression) = input.optional("Expression") {
        return refused(&format!("the expression {expression}"));
    }
    if input.has("AccountId") {
        return refused("AccountId");
    }
    let stat = input.part("MetricStat").ok_or_else(|| errors::missing(&input.named("MetricStat")))?;
    let metric = stat.part("Metric").ok_or_else(|| errors::missing(&stat.named("Metric")))?;
    let period = stat.integer("Period")?.ok_or_else(|| errors::missing(&stat.named("Period")))?;
    if !is_period(period) {
        let message = format!("The parameter {} must be 1, 5, 10, 20, 30 or a multiple of 60.", stat.named("Period"));
        return Err(errors::validation(message));
    }
    let name = stat.text("Stat")?;
    let Some(statistic) = Statistic::parse(name) else { return refused(&format!("the statistic {name}")) };
    Ok(Query {
        id,
        label: input.optional("Label"),
        returned: input.flag("ReturnData").unwrap_or(true),
        key: Key::read(&metric)?,
        period,
        stat: name,
        statistic,
        unit: read_unit(&stat)?,
    })
}

/// Where no unit is asked for and there are several, CloudWatch takes the first in its own order, and says so.
fn find(query: &Query<'_>, metric: Option<&Metric>, start: i64, end: i64, ascending: bool) -> Found {
    let start = rounded_start(start, query.period);
    let mut by_unit = metric.map(|metric| metric.periods(start, end, query.period)).unwrap_or_default();
    let units: Vec<Unit> = by_unit.keys().copied().collect();
    let unit = query.unit.or_else(|| units.first().copied());
    let stats = unit.and_then(|unit| by_unit.remove(&unit)).unwrap_or_default();
    let mut points: Vec<(i64, f64)> =
        stats.iter().filter_map(|(at, stats)| Some((*at, query.statistic.of(stats)?))).collect();
    if !ascending {
        points.reverse();
    }
    Found { points, units: if query.unit.is_none() { units } else { Vec::new() } }
}

/// The results, as many points as a page has. A query whose points go on is partial data.
fn page(queries: &[Query<'_>], found: Vec<Found>, skipped: usize, most: usize) -> Value {
    let (mut before, mut left) = (skipped, most);
    let mut more = false;
    let mut results = Vec::new();
    for (query, Found { points, units }) in queries.iter().zip(found).filter(|(query, _)| query.returned) {
        let gone = before.min(points.len());
        before -= gone;
        let taken = left.min(points.len() - gone);
        left -= taken;
        let rest = points.len() - gone - taken;
        more |= rest > 0;
        // A query that was answered in full on an earlier page is not answered again.
        if gone > 0 && gone == points.len() || (taken == 0 && rest > 0 && gone == 0) {
            continue;
        }
        let page: Vec<(i64, f64)> = points.into_iter().skip(gone).take(taken).collect();
        results.push(result(query, queries, &page, &units, rest > 0));
    }
    let mut answer = json!({ "MetricDataResults": results, "Messages": [] });
    if more {
        set_member(&mut answer, "NextToken", token(skipped + most - left));
    }
    answer
}

fn result(query: &Query<'_>, all: &[Query<'_>], points: &[(i64, f64)], units: &[Unit], partial: bool) -> Value {
    let (times, values): (Vec<Value>, Vec<Value>) =
        points.iter().map(|(at, value)| (seconds(*at), Value::from(*value))).unzip();
    let mut result = json!({
        "Id": query.id,
        "Label": label(query, all),
        "Timestamps": times,
        "Values": values,
        "StatusCode": if partial { "PartialData" } else { "Complete" },
    });
    if units.len() > 1 {
        let units: Vec<&str> = units.iter().map(|unit| unit.as_str()).collect();
        let text = format!("Multiple units returned: '[{}]'", units.join(", "));
        set_member(&mut result, "Messages", json!([{ "Code": "MultipleUnits", "Value": text }]));
    }
    result
}

/// The metric's name, with the statistic and the period where the queries of the request differ in them.
fn label(query: &Query<'_>, all: &[Query<'_>]) -> String {
    if let Some(label) = query.label {
        return label.to_owned();
    }
    let mut label = query.key.name.clone();
    if all.iter().any(|other| other.stat != query.stat) {
        label.push_str(&format!(" {}", query.stat));
    }
    if all.iter().any(|other| other.period != query.period) {
        label.push_str(&format!(" {}", query.period));
    }
    label
}

/// A time as answers have it.
#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in a double")]
pub(super) fn seconds(at: i64) -> Value {
    (at as f64).into()
}
