//! `GetMetricStatistics`.

use serde_json::{Map, Value, json};

use super::errors;
use super::input::Input;
use super::metric::{Key, is_period, rounded_start};
use super::put::read_unit;
use super::statistic::Statistic;
use super::stats::Stats;
use super::units::Unit;
use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

/// The most datapoints of a request.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html>
const MOST_POINTS: i64 = 1_440;

pub(super) fn get(cloud: &Cloud, input: Input<'_>) -> Answer {
    let key = Key::read(&input)?;
    let time = |member| Ok(input.time(member)?.ok_or_else(|| errors::missing(member))?.as_second());
    let (start, end): (i64, i64) = (time("StartTime")?, time("EndTime")?);
    let period = input.integer("Period")?.ok_or_else(|| errors::missing("Period"))?;
    if start >= end {
        return Err(errors::value("The parameter StartTime must be less than the parameter EndTime."));
    }
    if !is_period(period) {
        return Err(errors::value("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60."));
    }
    let points = (end - start) / period;
    if points > MOST_POINTS {
        return Err(errors::combination(format!(
            "You have requested up to {points} datapoints, which exceeds the limit of {MOST_POINTS}. You may reduce the \
             datapoints requested by increasing Period, or decreasing the time range."
        )));
    }
    let statistics = read(&input, "Statistics")?;
    let extended = read(&input, "ExtendedStatistics")?;
    if statistics.is_empty() && extended.is_empty() {
        let message = "At least one of the parameters Statistics and ExtendedStatistics must be specified.";
        return Err(errors::combination(message));
    }
    let unit = read_unit(&input)?;
    let state = cloud.cloudwatch().state();
    let found = state.get(&key).map(|metric| metric.periods(rounded_start(start, period), end, period));
    let found = found.into_iter().flatten().filter(|(own, _)| unit.is_none_or(|unit| unit == *own));
    let points = found.flat_map(|(unit, points)| points.into_iter().map(move |(at, stats)| (at, unit, stats)));
    let mut points: Vec<(i64, Unit, Stats)> = points.collect();
    points.sort_by_key(|(at, unit, _)| (*at, *unit));
    let points: Vec<Value> =
        points.iter().map(|(at, unit, stats)| shown(*at, *unit, stats, &statistics, &extended)).collect();
    Ok(json!({ "Label": key.name, "Datapoints": points }))
}

fn read<'a>(input: &Input<'a>, member: &str) -> Result<Vec<(&'a str, Statistic)>, ServiceError> {
    let statistic = |name: &'a str| {
        let unsupported = || {
            ServiceError::unsupported(Service::CloudWatch, &format!("GetMetricStatistics with the statistic {name}"))
        };
        Statistic::parse(name).map(|statistic| (name, statistic)).ok_or_else(unsupported)
    };
    input.texts(member).map(statistic).collect()
}

fn shown(at: i64, unit: Unit, stats: &Stats, plain: &[(&str, Statistic)], extended: &[(&str, Statistic)]) -> Value {
    let values = |statistics: &[(&str, Statistic)]| -> Map<String, Value> {
        let value = |(name, statistic): &(&str, Statistic)| Some(((*name).to_owned(), statistic.of(stats)?.into()));
        statistics.iter().filter_map(value).collect()
    };
    let mut point = Map::new();
    point.insert("Timestamp".into(), super::query::seconds(at));
    point.extend(values(plain));
    point.insert("Unit".into(), unit.as_str().into());
    if !extended.is_empty() {
        point.insert("ExtendedStatistics".into(), values(extended).into());
    }
    point.into()
}
