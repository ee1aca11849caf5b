//! Sqs.

pub(crate) mod errors;

use serde_json::Value;

use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

/// State of the service.
#[derive(Debug, Default)]
pub struct Sqs {}

impl Sqs {
    /// What is under way.
    pub(crate) fn pending(&self, _polled: &[String]) -> Option<String> {
        None
    }
}

pub(crate) async fn call(_cloud: &Cloud, operation: &str, _input: Value) -> Answer {
    Err(ServiceError::unsupported(Service::Sqs, operation))
}
