//! Errors in S3's words
//! ([error responses](https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)).

use serde_json::{Map, Value};

use crate::wire::ServiceError;

pub(super) fn error(code: &str, status: u16, message: impl Into<String>) -> ServiceError {
    ServiceError::new(code, message).status(status)
}

/// An error with one further element.
pub(super) fn about(code: &str, status: u16, message: &str, member: &str, value: &str) -> ServiceError {
    let mut error = error(code, status, message);
    error.members = Box::new(Map::from_iter([(member.to_owned(), Value::from(value))]));
    error
}

pub(super) fn no_bucket(name: &str) -> ServiceError {
    about("NoSuchBucket", 404, "The specified bucket does not exist", "BucketName", name)
}

pub(super) fn no_key(key: &str) -> ServiceError {
    about("NoSuchKey", 404, "The specified key does not exist.", "Key", key)
}

pub(super) fn no_version(key: &str) -> ServiceError {
    about("NoSuchVersion", 404, "The specified version does not exist.", "Key", key)
}

pub(super) fn no_upload(id: &str) -> ServiceError {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted \
                   or completed.";
    about("NoSuchUpload", 404, message, "UploadId", id)
}

pub(super) fn malformed() -> ServiceError {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    error("MalformedXML", 400, message)
}

pub(super) fn argument(name: &str, message: &str) -> ServiceError {
    about("InvalidArgument", 400, message, "ArgumentName", name)
}

pub(super) fn precondition(condition: &str) -> ServiceError {
    let message = "At least one of the pre-conditions you specified did not hold";
    about("PreconditionFailed", 412, message, "Condition", condition)
}
