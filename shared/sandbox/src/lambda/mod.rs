//! Lambda.

use serde_json::Value;

use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

pub(crate) mod rest;

/// State of the service.
#[derive(Debug, Default)]
pub struct Lambda {}

impl Lambda {
    /// What is under way.
    pub(crate) fn pending(&self) -> Option<String> {
        None
    }

    /// ARNs of the queues that an enabled event source mapping reads.
    pub(crate) fn polled_queues(&self) -> Vec<String> {
        Vec::new()
    }
}

pub(crate) async fn call(_cloud: &Cloud, operation: &str, _input: Value) -> Answer {
    Err(ServiceError::unsupported(Service::Lambda, operation))
}
