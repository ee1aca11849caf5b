//! CloudWatch's own protocol, which SDKs speak today: CBOR over HTTP
//! ([Smithy RPC v2 CBOR](https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html)).

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::{cbor, query_name};
use crate::cloud::Service;
use crate::faults::Outside;
use crate::wire::{Answer, ServiceError, error_namespace};

const PATH: &str = "/service/GraniteServiceVersion20100801/operation/";

/// The operation of a request in this protocol.
pub(crate) fn operation(parts: &Parts) -> Option<&str> {
    let protocol = parts.headers.get("smithy-protocol").is_some_and(|value| value == "rpc-v2-cbor");
    parts.uri.path().strip_prefix(PATH).filter(|_| protocol)
}

pub(crate) async fn handle(outside: &Outside<'_>, operation: &str, body: &[u8]) -> Response<Bytes> {
    let answer = match read(body) {
        Ok(input) => outside.call(Service::CloudWatch, operation, input).await,
        Err(error) => Err(error),
    };
    let (status, body) = match &answer {
        Ok(answer) => (200, cbor::write(answer)),
        Err(error) => (error.status, cbor::write(&failure(error))),
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/cbor"));
    if let Some(value) = answer.err().and_then(|error| query_error(&error)) {
        headers.insert("x-amzn-query-error", value);
    }
    response
}

fn read(body: &[u8]) -> Answer {
    if body.is_empty() {
        return Ok(json!({}));
    }
    cbor::read(body).ok_or_else(|| ServiceError::new("SerializationException", "the body is not CBOR"))
}

fn failure(error: &ServiceError) -> Value {
    let name = format!("{}{}", error_namespace(Service::CloudWatch, &error.code), error.code);
    json!({ "__type": name, "message": error.message })
}

/// The error as the query protocol names it, for SDKs that show it so.
pub(crate) fn query_error(error: &ServiceError) -> Option<HeaderValue> {
    let fault = if error.status < 500 { "Sender" } else { "Receiver" };
    HeaderValue::from_str(&format!("{};{fault}", query_name(&error.code))).ok()
}
