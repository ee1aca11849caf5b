//! Lambda's REST-JSON protocol: paths, headers and bodies, to operations and back.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode};
use serde_json::{Value, json};

use super::absent;
use super::limits::CODE_REQUEST;
use crate::cloud::Service;
use crate::faults::Outside;
use crate::wire::{ServiceError, error_response, json_response, set_member};

/// An operation, its members in path and query, and the status of success.
struct Route {
    operation: &'static str,
    members: Vec<(&'static str, String)>,
    status: u16,
}

fn route(operation: &'static str, status: u16, members: Vec<(&'static str, String)>) -> Route {
    Route { operation, members, status }
}

pub(crate) async fn handle(outside: &Outside<'_>, parts: &Parts, body: Bytes) -> Response<Bytes> {
    let path = parts.uri.path().trim_matches('/').to_owned();
    let segments: Vec<String> = path.split('/').map(decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Some(route) = find(&parts.method, &segments) else {
        return error_response(&refusal(parts, &segments), "1.1");
    };
    if matches!(route.operation, "Invoke" | "InvokeAsync") {
        return invoke(outside, parts, &route, &body).await;
    }
    if matches!(route.operation, "CreateFunction" | "UpdateFunctionCode") && body.len() >= CODE_REQUEST {
        let message =
            format!("Request must be smaller than {CODE_REQUEST} bytes for the {} operation", route.operation);
        return failure(&super::errors::entity_too_large(message));
    }
    let mut input = match body.is_empty() {
        true => json!({}),
        false => match serde_json::from_slice::<Value>(&body) {
            Ok(input) if input.is_object() => input,
            Ok(_) => return failure(&super::errors::bad_payload("not an object")),
            Err(error) => return failure(&super::errors::bad_payload(&error.to_string())),
        },
    };
    take_query(parts, &mut input);
    for (name, value) in &route.members {
        set_member(&mut input, name, value.clone());
    }
    match outside.call(Service::Lambda, route.operation, input).await {
        Ok(_) if route.status == 204 => empty(StatusCode::NO_CONTENT),
        Ok(answer) => {
            let status = StatusCode::from_u16(route.status).unwrap_or(StatusCode::OK);
            let mut response = json_response(status, &answer, "1.1");
            response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
            response
        }
        Err(error) => failure(&error),
    }
}

fn refusal(parts: &Parts, segments: &[&str]) -> ServiceError {
    if let Some(operation) = absent::operation(&parts.method, segments) {
        return ServiceError::unsupported(Service::Lambda, operation);
    }
    let message = format!("no service of the local cloud answers {} {}", parts.method, parts.uri.path());
    ServiceError::new("UnknownOperationException", message).status(404)
}

fn find(method: &Method, segments: &[&str]) -> Option<Route> {
    let name = |name: &str| vec![("FunctionName", name.to_owned())];
    let alias = |name: &str, alias: &str| vec![("FunctionName", name.to_owned()), ("Name", alias.to_owned())];
    let uuid = |uuid: &str| vec![("UUID", uuid.to_owned())];
    let arn = |arn: &str| vec![("Resource", arn.to_owned())];
    Some(match (method.as_str(), segments) {
        ("POST", ["2015-03-31", "functions", f, "invocations"]) => route("Invoke", 200, name(f)),
        ("POST", ["2014-11-13", "functions", f, "invoke-async"]) => route("InvokeAsync", 202, name(f)),
        ("GET", ["2016-08-19", "account-settings"]) => route("GetAccountSettings", 200, vec![]),
        ("POST", ["2015-03-31", "functions"]) => route("CreateFunction", 201, vec![]),
        ("GET", ["2015-03-31", "functions"]) => route("ListFunctions", 200, vec![]),
        ("GET", ["2015-03-31", "functions", f]) => route("GetFunction", 200, name(f)),
        ("DELETE", ["2015-03-31", "functions", f]) => route("DeleteFunction", 204, name(f)),
        ("PUT", ["2015-03-31", "functions", f, "code"]) => route("UpdateFunctionCode", 200, name(f)),
        ("GET", ["2015-03-31", "functions", f, "configuration"]) => route("GetFunctionConfiguration", 200, name(f)),
        ("PUT", ["2015-03-31", "functions", f, "configuration"]) => route("UpdateFunctionConfiguration", 200, name(f)),
        ("POST", ["2015-03-31", "functions", f, "versions"]) => route("PublishVersion", 201, name(f)),
        ("GET", ["2015-03-31", "functions", f, "versions"]) => route("ListVersionsByFunction", 200, name(f)),
        ("POST", ["2015-03-31", "functions", f, "aliases"]) => route("CreateAlias", 201, name(f)),
        ("GET", ["2015-03-31", "functions", f, "aliases"]) => route("ListAliases", 200, name(f)),
        ("GET", ["2015-03-31", "functions", f, "aliases", a]) => route("GetAlias", 200, alias(f, a)),
        ("PUT", ["2015-03-31", "functions", f, "aliases", a]) => route("UpdateAlias", 200, alias(f, a)),
        ("DELETE", ["2015-03-31", "functions", f, "aliases", a]) => route("DeleteAlias", 204, alias(f, a)),
        ("GET", ["2019-09-25", "functions", f, "event-invoke-config", "list"]) => {
            route("ListFunctionEventInvokeConfigs", 200, name(f))
        }
        ("POST", ["2015-03-31", "functions", f, "policy"]) => route("AddPermission", 201, name(f)),
        ("GET", ["2015-03-31", "functions", f, "policy"]) => route("GetPolicy", 200, name(f)),
        ("DELETE", ["2015-03-31", "functions", f, "policy", id]) => {
            route("RemovePermission", 204, vec![("FunctionName", (*f).to_owned()), ("StatementId", (*id).to_owned())])
        }
        ("PUT", ["2017-10-31", "functions", f, "concurrency"]) => route("PutFunctionConcurrency", 200, name(f)),
        ("DELETE", ["2017-10-31", "functions", f, "concurrency"]) => route("DeleteFunctionConcurrency", 204, name(f)),
        ("GET", ["2019-09-30", "functions", f, "concurrency"]) => route("GetFunctionConcurrency", 200, name(f)),
        ("PUT", ["2019-09-25", "functions", f, "event-invoke-config"]) => {
            route("PutFunctionEventInvokeConfig", 200, name(f))
        }
        ("POST", ["2019-09-25", "functions", f, "event-invoke-config"]) => {
            route("UpdateFunctionEventInvokeConfig", 200, name(f))
        }
        ("GET", ["2019-09-25", "functions", f, "event-invoke-config"]) => {
            route("GetFunctionEventInvokeConfig", 200, name(f))
        }
        ("DELETE", ["2019-09-25", "functions", f, "event-invoke-config"]) => {
            route("DeleteFunctionEventInvokeConfig", 204, name(f))
        }
        ("POST", ["2015-03-31", "event-source-mappings"]) => route("CreateEventSourceMapping", 202, vec![]),
        ("GET", ["2015-03-31", "event-source-mappings"]) => route("ListEventSourceMappings", 200, vec![]),
        ("GET", ["2015-03-31", "event-source-mappings", id]) => route("GetEventSourceMapping", 200, uuid(id)),
        ("PUT", ["2015-03-31", "event-source-mappings", id]) => route("UpdateEventSourceMapping", 202, uuid(id)),
        ("DELETE", ["2015-03-31", "event-source-mappings", id]) => route("DeleteEventSourceMapping", 202, uuid(id)),
        ("GET", ["2017-03-31", "tags", resource]) => route("ListTags", 200, arn(resource)),
        ("POST", ["2017-03-31", "tags", resource]) => route("TagResource", 204, arn(resource)),
        ("DELETE", ["2017-03-31", "tags", resource]) => route("UntagResource", 204, arn(resource)),
        _ => return None,
    })
}

/// The members that travel in the query; numbers are numbers again, `tagKeys` a list.
fn take_query(parts: &Parts, input: &mut Value) {
    for pair in parts.uri.query().unwrap_or_default().split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode(value);
        match name {
            "MaxItems" => set_member(input, name, value.parse::<u64>().map_or(Value::Null, Value::from)),
            "Marker" | "Qualifier" | "FunctionName" | "EventSourceArn" | "FunctionVersion" | "RevisionId" => {
                set_member(input, name, value)
            }
            "tagKeys" => match input.get_mut("TagKeys").and_then(Value::as_array_mut) {
                Some(keys) => keys.push(value.into()),
                None => set_member(input, "TagKeys", json!([value])),
            },
            _ => {}
        }
    }
}

async fn invoke(outside: &Outside<'_>, parts: &Parts, route: &Route, body: &[u8]) -> Response<Bytes> {
    let Ok(payload) = std::str::from_utf8(body) else {
        return failure(&super::errors::bad_payload("invalid UTF-8"));
    };
    let mut input = json!({ "Payload": payload });
    take_query(parts, &mut input);
    for (name, value) in &route.members {
        set_member(&mut input, name, value.clone());
    }
    let headers = [
        ("x-amz-invocation-type", "InvocationType"),
        ("x-amz-log-type", "LogType"),
        ("x-amz-client-context", "ClientContext"),
        ("x-amzn-trace-id", "TraceHeader"),
    ];
    for (header, member) in headers {
        if let Some(value) = parts.headers.get(header).and_then(|value| value.to_str().ok()) {
            set_member(&mut input, member, value);
        }
    }
    if route.operation == "InvokeAsync" {
        set_member(&mut input, "InvocationType", "Event");
    }
    match outside.call(Service::Lambda, "Invoke", input).await {
        Ok(answer) => invoked(&answer),
        Err(error) => failure(&error),
    }
}

fn invoked(answer: &Value) -> Response<Bytes> {
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let mut response = Response::new(Bytes::from(text("Payload").unwrap_or_default().to_owned()));
    let status = answer.get("StatusCode").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
    *response.status_mut() = status.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::OK);
    let headers = [
        ("x-amz-function-error", "FunctionError"),
        ("x-amz-executed-version", "ExecutedVersion"),
        ("x-amz-log-result", "LogResult"),
        ("x-amzn-requestid", "RequestId"),
    ];
    for (header, member) in headers {
        if let Some(value) = text(member).and_then(|value| HeaderValue::from_str(value).ok()) {
            response.headers_mut().insert(header, value);
        }
    }
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// An error as this protocol writes it: the name in a header, `Message` with a capital letter.
fn failure(error: &ServiceError) -> Response<Bytes> {
    let mut response = error_response(error, "1.1");
    let mut body = (*error.members).clone();
    body.insert("Message".into(), error.message.clone().into());
    body.insert("message".into(), error.message.clone().into());
    *response.body_mut() = Bytes::from(Value::Object(body).to_string());
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

/// Percent-decoding.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
