//! A function's environment variables
//! ([Working with environment variables](https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html)).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::lambda::errors;
use crate::wire::ServiceError;

/// The most that they may be together, as JSON, in bytes
/// ([Lambda quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)).
const MOST: usize = 4096;

/// Those that Lambda sets itself.
const RESERVED: &[&str] = &[
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

pub(super) fn read(variables: &Map<String, Value>) -> Result<BTreeMap<String, String>, ServiceError> {
    let given: BTreeMap<String, String> =
        variables.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    let reserved: Vec<&str> = given.keys().map(String::as_str).filter(|name| RESERVED.contains(name)).collect();
    if !reserved.is_empty() {
        return Err(refused(format!(
            "contains reserved keys that are currently not supported for modification. Reserved keys used in this \
             request: {}",
            reserved.join(", ")
        )));
    }
    let measured = json!(given).to_string();
    if measured.len() > MOST {
        return Err(refused(format!("exceeded the 4KB limit. String measured: {measured}")));
    }
    Ok(given)
}

fn refused(reason: String) -> ServiceError {
    errors::invalid(format!(
        "Lambda was unable to configure your environment variables because the environment variables you have provided \
         {reason}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, length: usize) -> Map<String, Value> {
        Map::from_iter([(name.to_owned(), "x".repeat(length).into())])
    }

    #[test]
    fn four_kilobytes_are_the_limit() {
        // {"LARGE":"…"} has twelve characters beside the value.
        assert!(read(&of("LARGE", 4084)).is_ok());
        let message = read(&of("LARGE", 4085)).unwrap_err().message;
        assert!(message.contains("exceeded the 4KB limit. String measured: {\"LARGE\":\"xxx"), "{message}");
    }

    #[test]
    fn lambdas_own_variables_cannot_be_set() {
        let message = read(&of("AWS_REGION", 1)).unwrap_err().message;
        assert!(message.ends_with("Reserved keys used in this request: AWS_REGION"), "{message}");
    }
}
