//! From HTTP to an operation of a service, and back: the AWS JSON and REST-JSON protocols.

use std::io::Read;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::{Map, Value};

use crate::cloud::{Cloud, Service};
use crate::faults::Outside;

/// What an operation answers.
pub type Answer = Result<Value, ServiceError>;

/// An error in AWS's words.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ServiceError {
    /// The error's name as the service's API reference has it: `ResourceNotFoundException`.
    pub code: String,
    /// The message.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
    /// Further members of the error's shape: `CancellationReasons`, `Item`.
    pub members: Box<Map<String, Value>>,
}

impl ServiceError {
    /// A client error: HTTP status 400.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status: 400, members: Box::default() }
    }

    /// The same with another HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// An operation that the local cloud does not have. AWS's own name for it, so that SDKs do not retry.
    pub fn unsupported(service: Service, operation: &str) -> Self {
        Self::new(
            "UnknownOperationException",
            format!("{service} {operation} is not supported by the local cloud; see docs/local-cloud.md for what is"),
        )
        .status(501)
    }
}

/// The member that a request's X-Ray header becomes, for EventBridge and SQS, which hand traces on
/// ([Amazon SQS and AWS X-Ray](https://docs.aws.amazon.com/xray/latest/devguide/xray-services-sqs.html)).
pub(crate) const TRACE_HEADER: &str = "X-Amzn-Trace-Id";

/// How far a compressed body may grow, in bytes.
const LARGEST_INFLATED: u64 = 64 * 1024 * 1024;

/// Answers one HTTP request. A response that the client must not get has [`Broken`](crate::faults::Broken) among its
/// extensions.
pub(crate) async fn handle(cloud: &Cloud, request: Request<Bytes>) -> Response<Bytes> {
    let (parts, body) = request.into_parts();
    let body = inflate(&parts, body);
    let mut response = match crate::unknown::refuse(&parts, &body) {
        Some(refusal) => refusal,
        None => answer(cloud, &parts, body).await,
    };
    if let Ok(id) = HeaderValue::from_str(&cloud.uuid().to_string()) {
        response.headers_mut().entry("x-amzn-requestid").or_insert(id);
    }
    response
}

async fn answer(cloud: &Cloud, parts: &Parts, body: Bytes) -> Response<Bytes> {
    let cloud = &cloud.signed_for(parts);
    let outside = Outside::new(cloud, parts.extensions.get().cloned());
    let mut response = dispatch(&outside, parts, body).await;
    if let Some(broken) = outside.broken() {
        response.extensions_mut().insert(broken);
    }
    response
}

/// To the protocol that the client speaks.
async fn dispatch(outside: &Outside<'_>, parts: &Parts, body: Bytes) -> Response<Bytes> {
    if let Some(target) = parts.headers.get("x-amz-target").and_then(|v| v.to_str().ok()) {
        return json(outside, target, parts, &body).await;
    }
    if let Some(operation) = crate::cloudwatch::rpc::operation(parts) {
        return Box::pin(crate::cloudwatch::rpc::handle(outside, operation, &body)).await;
    }
    if let Some(query) = crate::query::read(parts, &body) {
        return Box::pin(crate::query::handle(outside, query)).await;
    }
    if let Some(refusal) = crate::query::foreign(outside.cloud, parts, &body) {
        return refusal;
    }
    if crate::sqs::query::is_query(parts) {
        return Box::pin(crate::sqs::query::handle(outside, parts, &body)).await;
    }
    if crate::s3::is_s3(parts) {
        return Box::pin(crate::s3::handle(outside, parts, body)).await;
    }
    Box::pin(crate::lambda::rest::handle(outside, parts, body)).await
}

/// The AWS JSON protocol.
async fn json(outside: &Outside<'_>, target: &str, parts: &Parts, body: &[u8]) -> Response<Bytes> {
    let Some((service, operation)) = route(target) else {
        let error = ServiceError::new("UnknownOperationException", format!("unknown target {target}"));
        return error_response(&error, "1.0");
    };
    let mut input = match parse(body) {
        Ok(input) => input,
        Err(error) => return error_response(&error, "1.0"),
    };
    if matches!(service, Service::EventBridge | Service::Sqs) {
        trace(&parts.headers, &mut input);
    }
    match outside.call(service, operation, input).await {
        Ok(value) => json_response(StatusCode::OK, &value, service.json_version()),
        Err(error) => service_error_response(service, &error),
    }
}

/// Hands a request's X-Ray header on to those services that hand it on themselves. It stands beside the members of AWS's
/// model: a header is no part of that.
pub(crate) fn trace(headers: &http::HeaderMap, input: &mut Value) {
    if let Some(trace) = headers.get("x-amzn-trace-id").and_then(|value| value.to_str().ok()) {
        set_member(input, TRACE_HEADER, trace);
    }
}

fn route(target: &str) -> Option<(Service, &str)> {
    let (prefix, operation) = target.split_once('.')?;
    let service = match prefix {
        "DynamoDB_20120810" => Service::DynamoDb,
        "DynamoDBStreams_20120810" => Service::DynamoDbStreams,
        "AmazonSQS" => Service::Sqs,
        "AWSEvents" => Service::EventBridge,
        "AWSStepFunctions" => Service::StepFunctions,
        "Logs_20140328" => Service::Logs,
        "GraniteServiceVersion20100801" => Service::CloudWatch,
        _ => return None,
    };
    Some((service, operation))
}

/// A value as compact JSON: what `to_string` gives too, which writes each bracket through a formatter and takes three times as long.
pub(crate) fn json_text(value: &Value) -> String {
    // Writing to memory does not fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// Sets a member of an answer.
pub(crate) fn set_member(answer: &mut Value, member: &str, value: impl Into<Value>) {
    if let Value::Object(members) = answer {
        members.insert(member.to_owned(), value.into());
    }
}

/// The body of a request to an operation as it was before an SDK compressed it. Other bodies (an object's, in S3) are as
/// they are.
fn inflate(parts: &Parts, body: Bytes) -> Bytes {
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = header("content-type");
    let operation = kind.contains("x-www-form-urlencoded") || kind.contains("x-amz-json") || kind.contains("cbor");
    if !operation || !header("content-encoding").eq_ignore_ascii_case("gzip") {
        return body;
    }
    let mut inflated = Vec::new();
    let read = flate2::read::GzDecoder::new(&*body).take(LARGEST_INFLATED).read_to_end(&mut inflated);
    if read.is_ok() { inflated.into() } else { body }
}

fn parse(body: &[u8]) -> Answer {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(body).map_err(|e| ServiceError::new("SerializationException", e.to_string()))
}

pub(crate) fn json_response(status: StatusCode, value: &Value, version: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(json_text(value)));
    *response.status_mut() = status;
    let content_type = format!("application/x-amz-json-{version}");
    if let Ok(value) = HeaderValue::from_str(&content_type) {
        response.headers_mut().insert("content-type", value);
    }
    response
}

pub(crate) fn error_response(error: &ServiceError, version: &str) -> Response<Bytes> {
    let mut body = (*error.members).clone();
    body.insert("__type".into(), error.code.clone().into());
    body.insert("message".into(), error.message.clone().into());
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = json_response(status, &Value::Object(body), version);
    if let Ok(value) = HeaderValue::from_str(&error.code) {
        response.headers_mut().insert("x-amzn-errortype", value);
    }
    response
}

/// An error as `service` writes it: its name in the service's own namespace and, for SQS, the name that the service had
/// before it spoke JSON, which SDKs still show.
pub(crate) fn service_error_response(service: Service, error: &ServiceError) -> Response<Bytes> {
    let mut named = error.clone();
    named.code = match (service, error.code.as_str()) {
        // These two have no shape of their own in the model.
        (Service::Sqs, "InvalidParameterValue") => "com.amazon.coral.service#InvalidParameterValueException".to_owned(),
        (Service::Sqs, "MissingParameter") => "com.amazon.coral.service#MissingRequiredParameterException".to_owned(),
        (_, code) => format!("{}{code}", error_namespace(service, code)),
    };
    let mut response = error_response(&named, service.json_version());
    if service == Service::CloudWatch
        && let Some(value) = crate::cloudwatch::rpc::query_error(error)
    {
        response.headers_mut().insert("x-amzn-query-error", value);
    }
    if service == Service::Sqs {
        let fault = if error.status < 500 { "Sender" } else { "Receiver" };
        let value = format!("{};{fault}", crate::sqs::errors::query_name(&error.code));
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert("x-amzn-query-error", value);
        }
    }
    response
}

pub(crate) fn error_namespace(service: Service, code: &str) -> &'static str {
    match (service, code) {
        (_, "ValidationException")
            if matches!(service, Service::DynamoDb | Service::DynamoDbStreams | Service::CloudWatch) =>
        {
            "com.amazon.coral.validate#"
        }
        (_, "SerializationException" | "UnknownOperationException") => "com.amazon.coral.service#",
        (Service::DynamoDb, _) => "com.amazonaws.dynamodb.v20120810#",
        (Service::DynamoDbStreams, _) => "com.amazonaws.dynamodb.streams#",
        (Service::Sqs, _) => "com.amazonaws.sqs#",
        (Service::CloudWatch, _) => "com.amazonaws.cloudwatch.v2010_08_01#",
        _ => "",
    }
}
