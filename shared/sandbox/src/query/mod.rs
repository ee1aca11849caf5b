//! The query protocol of CloudFormation, STS and IAM: forms in, XML out. A request becomes the operation's input in JSON,
//! and its answer is written as XML
//! ([making query requests](https://docs.aws.amazon.com/IAM/latest/UserGuide/programming.html)).

mod form;
#[cfg(test)]
pub(crate) mod tests;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use crate::cloud::{Cloud, Service};
use crate::faults::Outside;
use crate::wire::ServiceError;
use crate::xml::{self, Lists};

pub(crate) use form::{decode, field};

/// A request of this protocol: the service that its `Version` names, the operation and the input.
pub(crate) struct Query {
    service: Service,
    operation: String,
    input: Value,
}

/// Reads a request; `None` when it is of another protocol or service. A query may stand in the URL as well as in the body.
pub(crate) fn read(parts: &Parts, body: &[u8]) -> Option<Query> {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let form = if kind.starts_with("application/x-www-form-urlencoded") {
        String::from_utf8_lossy(body).into_owned()
    } else {
        parts.uri.query().filter(|query| query.contains("Action="))?.to_owned()
    };
    let service = match form::field(&form, "Version")?.as_str() {
        "2010-05-15" => Service::CloudFormation,
        "2011-06-15" => Service::Sts,
        "2010-05-08" => Service::Iam,
        "2010-08-01" => Service::CloudWatch,
        _ => return None,
    };
    Some(Query { service, operation: form::field(&form, "Action").unwrap_or_default(), input: form::read(&form) })
}

fn namespace(service: Service) -> &'static str {
    match service {
        Service::CloudFormation => "http://cloudformation.amazonaws.com/doc/2010-05-15/",
        Service::CloudWatch => "http://monitoring.amazonaws.com/doc/2010-08-01/",
        Service::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        _ => "https://iam.amazonaws.com/doc/2010-05-08/",
    }
}

/// Refuses a form of a service that is not here: of another version than SQS's own.
pub(crate) fn foreign(cloud: &Cloud, parts: &Parts, body: &[u8]) -> Option<Response<Bytes>> {
    let form = crate::sqs::query::is_query(parts).then(|| String::from_utf8_lossy(body))?;
    let version = form::field(&form, "Version").filter(|version| version != "2012-11-05")?;
    let action = form::field(&form, "Action").unwrap_or_default();
    let message =
        format!("no service of the local cloud answers {action} of the version {version}; see docs/local-cloud.md");
    let error = ServiceError::new("InvalidAction", message);
    let id = cloud.uuid().to_string();
    Some(respond(StatusCode::NOT_IMPLEMENTED, &id, failure(&error, "", &id)))
}

/// Answers a request.
pub(crate) async fn handle(outside: &Outside<'_>, query: Query) -> Response<Bytes> {
    let id = outside.cloud.uuid().to_string();
    let Query { service, operation, input } = query;
    let namespace = namespace(service);
    match outside.call(service, &operation, input).await {
        Ok(answer) => {
            let answer =
                if service == Service::CloudWatch { crate::cloudwatch::with_times_as_text(answer) } else { answer };
            let mut result = String::new();
            xml::write(&mut result, &answer, Lists::Members);
            let body = format!(
                "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{result}</{operation}Result>\
                 <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{operation}Response>"
            );
            respond(StatusCode::OK, &id, body)
        }
        Err(mut error) => {
            if service == Service::CloudWatch {
                error.code = crate::cloudwatch::query_name(&error.code).to_owned();
            }
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            respond(status, &id, failure(&error, namespace, &id))
        }
    }
}

fn failure(error: &ServiceError, namespace: &str, id: &str) -> String {
    let fault = if error.status < 500 { "Sender" } else { "Receiver" };
    let code = if error.code == "UnknownOperationException" { "InvalidAction" } else { &error.code };
    let message = xml::escape(&error.message);
    format!(
        "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{fault}</Type><Code>{code}</Code><Message>{message}</Message>\
         </Error><RequestId>{id}</RequestId></ErrorResponse>"
    )
}

fn respond(status: StatusCode, id: &str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}
