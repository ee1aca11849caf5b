//! ARNs in requests.

use super::errors;
use crate::wire::ServiceError;

/// What an ARN names, checked to be of the type `kind`: the parts after it.
fn parts<'a>(arn: &'a str, kind: &str) -> Result<Vec<&'a str>, ServiceError> {
    if !arn.starts_with("arn:") {
        return Err(errors::invalid_arn(&format!("Invalid ARN prefix: {arn}")));
    }
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        [_, _, "states", _, _, found, rest @ ..] if *found == kind && !rest.is_empty() => Ok(rest.to_vec()),
        [_, _, "states", _, _, found, ..] => {
            Err(errors::invalid_arn(&format!("Resource type not valid in this context: {found}")))
        }
        _ => Err(errors::invalid_arn(arn)),
    }
}

/// A state machine's ARN, and the version or alias that it is qualified with.
pub(super) fn machine(arn: &str) -> Result<(&str, Option<&str>), ServiceError> {
    match parts(arn, "stateMachine")?.as_slice() {
        [_] => Ok((arn, None)),
        [_, qualifier] => {
            Ok((arn.strip_suffix(qualifier).and_then(|arn| arn.strip_suffix(':')).unwrap_or(arn), Some(qualifier)))
        }
        _ => Err(errors::invalid_arn(arn)),
    }
}

/// An execution's ARN.
pub(super) fn execution(arn: &str) -> Result<&str, ServiceError> {
    parts(arn, "execution").map(|_| arn)
}

/// An activity's ARN.
pub(super) fn activity(arn: &str) -> Result<&str, ServiceError> {
    parts(arn, "activity").map(|_| arn)
}
