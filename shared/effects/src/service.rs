//! What a service of AWS answers that did not do its part.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::failure::{Failure, chain};

/// The code of a call that a service of AWS did not do for reasons of its own.
const UNAVAILABLE: &str = "service_unavailable";

/// What services say that are asked too much, or fail, whatever their answer's status, see
/// [DynamoDB](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html),
/// [SQS](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html) and
/// [Step Functions](https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html).
const PASSING: [&str; 11] = [
    "InternalFailure",
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

impl Failure {
    /// A call of a service of AWS failed. Where that was the service's own doing (it throttled, failed on its side, or did not answer)
    /// the failure is `service_unavailable` and no attempt at the event; anything else is an unknown error.
    pub(crate) fn of_call<E>(error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let is_away = match &error {
            SdkError::ConstructionFailure(_) => false,
            SdkError::ServiceError(answer) => is_passing(answer.err()) || answer.raw().status().is_server_error(),
            _ => true,
        };
        if is_away { Self::unavailable(&error) } else { error.into() }
    }

    /// A service of AWS did not do its part.
    pub(crate) fn unavailable(error: &dyn std::error::Error) -> Self {
        Self::transient(UNAVAILABLE, chain(error)).of_service()
    }
}

/// Whether a service says that it is asked too much, or fails.
pub(crate) fn is_passing(error: &impl ProvideErrorMetadata) -> bool {
    error.code().is_some_and(|code| PASSING.contains(&code))
}
