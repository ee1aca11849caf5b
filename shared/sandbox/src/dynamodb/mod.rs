//! DynamoDB, by `dynoxide-rs`.

use serde_json::Value;

use crate::clock::Clock;
use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

/// State of the service.
#[derive(Debug)]
pub struct DynamoDb {}

impl DynamoDb {
    pub(crate) fn new(_clock: Clock) -> Self {
        Self {}
    }
}

pub(crate) async fn call(_cloud: &Cloud, operation: &str, _input: Value) -> Answer {
    Err(ServiceError::unsupported(Service::DynamoDb, operation))
}

pub(crate) async fn call_streams(_cloud: &Cloud, operation: &str, _input: Value) -> Answer {
    Err(ServiceError::unsupported(Service::DynamoDbStreams, operation))
}
