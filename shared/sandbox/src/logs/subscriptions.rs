//! Subscription filters.

use std::sync::Arc;

use serde_json::{Value, json};

use super::input::{Input, invalid};
use super::pattern::Pattern;
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

/// [Quotas](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html)
const MOST: usize = 2;

#[derive(Debug)]
pub(super) struct Filter {
    pub(super) name: String,
    text: String,
    pub(super) pattern: Pattern,
    pub(super) destination: String,
    distribution: String,
    created_at: i64,
}

pub(super) fn put(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("filterName")?;
    let text = input.text("filterPattern")?;
    let destination = input.text("destinationArn")?;
    let pattern = Pattern::parse(text).map_err(|reason| invalid(format!("Invalid filter pattern: {reason}")))?;
    check_destination(cloud, destination, input)?;
    let filter = Arc::new(Filter {
        name: name.to_owned(),
        text: text.to_owned(),
        pattern,
        destination: destination.to_owned(),
        distribution: input.optional_text("distribution").unwrap_or("ByLogStream").to_owned(),
        created_at: cloud.clock().now_millis(),
    });
    let mut state = cloud.logs().state();
    let filters = &mut state.group(input.text("logGroupName")?)?.filters;
    let same = filters.iter().position(|other| other.name == name);
    if same.is_none() && filters.len() >= MOST {
        return Err(ServiceError::new("LimitExceededException", "Resource limit exceeded."));
    }
    match same.and_then(|at| filters.get_mut(at)) {
        Some(other) => *other = filter,
        None => filters.push(filter),
    }
    Ok(json!({}))
}

fn check_destination(cloud: &Cloud, destination: &str, input: Input<'_>) -> Result<(), ServiceError> {
    let part = |number: usize| destination.split(':').nth(number).unwrap_or_default();
    match part(2) {
        "lambda" if part(4) != cloud.account() => {
            let message = "Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to \
                           create cross account lambda triggers.";
            Err(ServiceError::new("AccessDeniedException", message))
        }
        "lambda" => Ok(()),
        vendor @ ("kinesis" | "firehose") if input.optional_text("roleArn").is_none() => {
            Err(invalid(format!("destinationArn for vendor {vendor} cannot be used without roleArn")))
        }
        _ => Err(invalid(format!("destination {destination} is not a function: the local cloud has no others"))),
    }
}

pub(super) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let group = input.text("logGroupName")?;
    let prefix = input.optional_text("filterNamePrefix").unwrap_or_default();
    let mut state = cloud.logs().state();
    let filters = state.group(group)?.filters.iter().filter(|filter| filter.name.starts_with(prefix));
    let shown: Vec<Value> = filters.map(|filter| show(group, filter)).collect();
    Ok(json!({ "subscriptionFilters": shown }))
}

fn show(group: &str, filter: &Filter) -> Value {
    json!({
        "filterName": filter.name,
        "logGroupName": group,
        "filterPattern": filter.text,
        "destinationArn": filter.destination,
        "distribution": filter.distribution,
        "applyOnTransformedLogs": false,
        "creationTime": filter.created_at,
    })
}

pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("filterName")?;
    let mut state = cloud.logs().state();
    let filters = &mut state.group(input.text("logGroupName")?)?.filters;
    let before = filters.len();
    filters.retain(|filter| filter.name != name);
    if filters.len() == before {
        let message = "The specified subscription filter does not exist.";
        return Err(ServiceError::new("ResourceNotFoundException", message));
    }
    Ok(json!({}))
}
