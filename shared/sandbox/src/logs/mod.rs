//! Logs.

use serde_json::Value;

use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

/// State of the service.
#[derive(Debug, Default)]
pub struct Logs {}

impl Logs {
    /// What is under way.
    pub(crate) fn pending(&self) -> Option<String> {
        None
    }
}

pub(crate) async fn call(_cloud: &Cloud, operation: &str, _input: Value) -> Answer {
    Err(ServiceError::unsupported(Service::Logs, operation))
}
