//! Lambda's REST-JSON protocol.

use bytes::Bytes;
use http::Response;
use http::request::Parts;

use crate::cloud::Cloud;
use crate::wire::{ServiceError, error_response};

pub(crate) async fn handle(_cloud: &Cloud, parts: &Parts, _body: Bytes) -> Response<Bytes> {
    let message = format!("no service of the local cloud answers {} {}", parts.method, parts.uri.path());
    error_response(&ServiceError::new("UnknownOperationException", message).status(404), "1.1")
}
