//! The embedded metric format: metrics that are log lines.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::collections::BTreeMap;

use serde_json::Value;

use super::metric::{Key, MOST_DIMENSIONS};
use super::put::in_time;
use super::stats::Stats;
use super::units::Unit;
use crate::cloud::Cloud;

/// The most metrics of a directive, and the most values of a metric in one line.
const MOST: usize = 100;

/// Takes the metrics out of a log line, if it has any. What breaks the specification is passed over, as in AWS.
pub(crate) fn extract(cloud: &Cloud, line: &str) {
    if !line.contains("\"CloudWatchMetrics\"") {
        return;
    }
    let Ok(root) = serde_json::from_str::<Value>(line.trim()) else { return };
    let Some(metadata) = root.get("_aws") else { return };
    let now = cloud.clock().now().as_second();
    let at = metadata.get("Timestamp").and_then(Value::as_i64).map(|millis| millis.div_euclid(1_000));
    let Some(at) = at.filter(|at| in_time(*at, now)) else { return };
    let mut state = cloud.cloudwatch().state();
    for directive in metadata.get("CloudWatchMetrics").and_then(Value::as_array).into_iter().flatten() {
        let Some(namespace) = directive.get("Namespace").and_then(Value::as_str) else { continue };
        let sets = dimension_sets(directive, &root);
        for (name, unit, fine, stats) in metrics(directive, &root) {
            for dimensions in &sets {
                let key =
                    Key { namespace: namespace.to_owned(), name: name.to_owned(), dimensions: dimensions.clone() };
                state.entry(key).or_default().add(now, at, unit, fine, &stats);
            }
        }
    }
}

/// Each set names members of the root, whose texts are the dimensions' values. A set without them makes no metric.
fn dimension_sets(directive: &Value, root: &Value) -> Vec<BTreeMap<String, String>> {
    let sets = directive.get("Dimensions").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_array);
    let read = |set: &Vec<Value>| {
        let dimension = |name: &Value| {
            let name = name.as_str()?;
            Some((name.to_owned(), root.get(name)?.as_str()?.to_owned()))
        };
        set.iter().map(dimension).collect::<Option<BTreeMap<_, _>>>().filter(|set| set.len() <= MOST_DIMENSIONS)
    };
    sets.filter_map(read).collect()
}

fn metrics<'a>(directive: &'a Value, root: &Value) -> Vec<(&'a str, Unit, bool, Stats)> {
    let definitions = directive.get("Metrics").and_then(Value::as_array).into_iter().flatten().take(MOST);
    let read = |definition: &'a Value| {
        let name = definition.get("Name").and_then(Value::as_str)?;
        let unit = match definition.get("Unit") {
            Some(unit) => Unit::parse(unit.as_str()?)?,
            None => Unit::default(),
        };
        let fine = definition.get("StorageResolution").and_then(Value::as_i64) == Some(1);
        Some((name, unit, fine, values(root.get(name)?)?))
    };
    definitions.filter_map(read).collect()
}

/// A number, or up to a hundred of them.
fn values(target: &Value) -> Option<Stats> {
    let one = std::slice::from_ref(target);
    let values = target.as_array().map_or(one, Vec::as_slice);
    let mut stats = Stats::default();
    for value in values.iter().take(MOST) {
        stats.add(&Stats::of(value.as_f64()?, 1.0));
    }
    (stats.count > 0.0).then_some(stats)
}
