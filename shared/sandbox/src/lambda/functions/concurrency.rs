//! Reserved concurrency
//! ([reserved concurrency](https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html)).

use std::sync::Arc;

use serde_json::{Value, json};

use super::input::number;
use crate::cloud::Cloud;
use crate::lambda::errors;
use crate::lambda::family::LATEST;
use crate::lambda::function::Function;
use crate::lambda::limits::{ACCOUNT_CONCURRENCY, UNRESERVED};
use crate::lambda::names::Reference;
use crate::wire::{Answer, ServiceError};

pub(super) fn put(cloud: &Cloud, input: &Value) -> Answer {
    let reference = Reference::from_input(cloud, input)?;
    if reference.qualifier.is_some() {
        return Err(errors::invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. \
             Please specify either a function name or an unqualified function ARN.",
        ));
    }
    let wanted = Reference { name: reference.name, qualifier: Some(LATEST.to_owned()) };
    let function = cloud.lambda().latest(cloud, &wanted)?;
    let reserved = number(input, "ReservedConcurrentExecutions", 0, u64::from(u32::MAX))?;
    let reserved = reserved.and_then(|n| u32::try_from(n).ok());
    let reserved = reserved.ok_or_else(|| errors::invalid("ReservedConcurrentExecutions is missing"))?;
    check(cloud, &function, reserved)?;
    function.family.beside().reserved = Some(reserved);
    Ok(json!({ "ReservedConcurrentExecutions": reserved }))
}

/// A part of the account's concurrency has to stay without a reservation.
fn check(cloud: &Cloud, function: &Arc<Function>, reserved: u32) -> Result<(), ServiceError> {
    let functions: Vec<_> = cloud.lambda().state().functions.values().cloned().collect();
    let others = functions.iter().filter(|other| !Arc::ptr_eq(other, function));
    let others: u64 = others.filter_map(|other| other.family.reserved()).map(u64::from).sum();
    if others + u64::from(reserved) + UNRESERVED > ACCOUNT_CONCURRENCY as u64 {
        let mut error = errors::invalid(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below \
             its minimum value of [{UNRESERVED}]."
        ));
        error.members.remove("Type");
        return Err(error);
    }
    Ok(())
}

pub(super) fn get(cloud: &Cloud, input: &Value) -> Answer {
    let function = cloud.lambda().latest(cloud, &Reference::from_input(cloud, input)?)?;
    Ok(match function.family.reserved() {
        Some(reserved) => json!({ "ReservedConcurrentExecutions": reserved }),
        None => json!({}),
    })
}

pub(super) fn delete(cloud: &Cloud, input: &Value) -> Answer {
    let function = cloud.lambda().latest(cloud, &Reference::from_input(cloud, input)?)?;
    function.family.beside().reserved = None;
    Ok(json!({}))
}
