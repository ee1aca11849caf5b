//! `ListMetrics`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::input::Input;
use super::metric::Key;
use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError, set_member};

/// How many metrics a page has.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html>
const PAGE: usize = 500;
/// How recent `PT3H` is, in seconds.
const RECENT: i64 = 3 * 3_600;

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    if let Some(member) = ["IncludeLinkedAccounts", "OwningAccount"].into_iter().find(|member| input.has(member)) {
        return Err(ServiceError::unsupported(Service::CloudWatch, &format!("ListMetrics with {member}")));
    }
    let mut filters = Vec::new();
    for filter in input.list("Dimensions") {
        filters.push((filter.text("Name")?, filter.optional("Value")));
    }
    let (namespace, name) = (input.optional("Namespace"), input.optional("MetricName"));
    let since = input.optional("RecentlyActive").map(|_| cloud.clock().now().as_second() - RECENT);
    let wanted = |key: &Key| {
        namespace.is_none_or(|namespace| namespace == key.namespace)
            && name.is_none_or(|name| name == key.name)
            && filters.iter().all(|(name, value)| {
                key.dimensions.get(*name).is_some_and(|own| value.is_none_or(|value| value == own))
            })
    };
    let skipped = offset(input.optional("NextToken"))?;
    let state = cloud.cloudwatch().state();
    let metrics = state.iter().filter(|(key, metric)| wanted(key) && since.is_none_or(|since| metric.active >= since));
    let mut metrics = metrics.skip(skipped);
    let page: Vec<Value> = metrics.by_ref().take(PAGE).map(|(key, _)| key.shown()).collect();
    let mut answer = json!({ "Metrics": page });
    if metrics.next().is_some() {
        set_member(&mut answer, "NextToken", token(skipped + PAGE));
    }
    Ok(answer)
}

/// A page's token: how many entries came before it.
pub(super) fn token(offset: usize) -> String {
    STANDARD.encode(offset.to_string())
}

pub(super) fn offset(token: Option<&str>) -> Result<usize, ServiceError> {
    let Some(token) = token else { return Ok(0) };
    let text = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let offset = text.and_then(|text| text.parse().ok());
    offset.ok_or_else(|| ServiceError::new("InvalidNextToken", "The specified NextToken is invalid."))
}
