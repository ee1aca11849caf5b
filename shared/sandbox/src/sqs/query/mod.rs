//! The query protocol, which SDKs spoke to SQS before they spoke JSON: forms in, XML out
//! ([Making Query API requests](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests.html)).
//! A request becomes the JSON of the same operation, and its answer is written as XML.

mod form;
mod xml;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value};

use super::errors;
use crate::cloud::Service;
use crate::faults::Outside;
use crate::wire::ServiceError;

/// Whether a request is one of this protocol.
pub(crate) fn is_query(parts: &Parts) -> bool {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let form = kind.starts_with("application/x-www-form-urlencoded") || !in_url(parts).is_empty();
    form && !parts.headers.contains_key("x-amz-target")
}

/// A request in the URL itself, as a `GET` has it.
fn in_url(parts: &Parts) -> &str {
    parts.uri.query().filter(|query| query.split('&').any(|field| field.starts_with("Action="))).unwrap_or_default()
}

pub(crate) async fn handle(outside: &Outside<'_>, parts: &Parts, body: &[u8]) -> Response<Bytes> {
    let request_id = outside.cloud.uuid().to_string();
    let form = format!("{}&{}", in_url(parts), String::from_utf8_lossy(body));
    let (action, input) = form::read(parts.uri.path(), &form);
    let mut input = Value::Object(input);
    crate::wire::trace(&parts.headers, &mut input);
    let answer = match action.as_deref() {
        Some(action) => outside.call(Service::Sqs, action, input).await,
        None => Err(errors::missing("Action")),
    };
    let action = action.unwrap_or_default();
    match answer {
        Ok(answer) => respond(StatusCode::OK, &request_id, xml::answer(&action, &answer, &request_id)),
        Err(error) => respond_error(&error, &request_id),
    }
}

fn respond_error(error: &ServiceError, request_id: &str) -> Response<Bytes> {
    let code = match error.code.as_str() {
        "UnknownOperationException" => "InvalidAction".to_owned(),
        code => errors::query_name(code),
    };
    let message = match error.code.as_str() {
        "QueueDoesNotExist" => "The specified queue does not exist for this wsdl version.",
        _ => &error.message,
    };
    let fault = if error.status < 500 { "Sender" } else { "Receiver" };
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    respond(status, request_id, xml::error(fault, &code, message, request_id))
}

fn respond(status: StatusCode, request_id: &str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

type Members = Map<String, Value>;
