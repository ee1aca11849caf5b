//! The runtimes that a function may be of
//! ([Lambda runtimes](https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html)). Code is a `bootstrap` for all.

use crate::lambda::errors;
use crate::wire::ServiceError;

/// In the order of AWS's own message.
const SUPPORTED: &[&str] = &[
    "nodejs20.x",
    "python3.14",
    "provided.al2023",
    "python3.12",
    "python3.13",
    "nodejs24.x",
    "nodejs22.x",
    "java25",
    "python3.10",
    "python3.11",
    "java21",
    "ruby3.3",
    "ruby3.4",
    "ruby3.2",
    "python3.8",
    "python3.9",
    "java17",
    "nodejs16.x",
    "dotnet10",
    "dotnet8",
    "java11",
    "dotnet6",
    "nodejs18.x",
    "provided.al2",
    "java8.al2",
];

const DEPRECATED: &[&str] = &[
    "dotnetcore2.1",
    "dotnetcore3.1",
    "go1.x",
    "java8",
    "nodejs12.x",
    "nodejs14.x",
    "provided",
    "python2.7",
    "python3.6",
    "python3.7",
    "ruby2.5",
    "ruby2.7",
];

/// Refuses what AWS refuses.
pub(super) fn check(runtime: &str) -> Result<(), ServiceError> {
    if SUPPORTED.contains(&runtime) {
        return Ok(());
    }
    if DEPRECATED.contains(&runtime) {
        return Err(errors::invalid(format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. We \
             recommend you use a supported runtime while creating or updating functions."
        )));
    }
    Err(errors::invalid(format!(
        "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or be a valid \
         ARN",
        SUPPORTED.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_are_refused_in_aws_words() {
        assert_eq!(check("provided.al2023"), Ok(()));
        assert!(
            check("java8").unwrap_err().message.starts_with("The runtime parameter of java8 is no longer supported")
        );
        let unknown = check("PYTHON3.9").unwrap_err().message;
        assert!(unknown.starts_with("Value PYTHON3.9 at 'runtime' failed to satisfy constraint"), "{unknown}");
    }
}
