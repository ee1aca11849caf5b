//! Requests to services that the local cloud does not have: refused by name, in the protocol that the client speaks.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::wire::{ServiceError, error_response};
use crate::{query, xml};

/// The names that requests to the services that there are, are signed for.
const KNOWN: &[&str] = &[
    "dynamodb",
    "sqs",
    "events",
    "states",
    "lambda",
    "logs",
    "monitoring",
    "s3",
    "s3express",
    "sts",
    "iam",
    "cloudformation",
];

/// Services whose REST answers are XML.
const REST_XML: &[&str] = &["route53", "cloudfront", "s3-outposts", "s3-object-lambda"];

/// The refusal, for a request that is signed for a service that is not there.
pub(crate) fn refuse(parts: &Parts, body: &[u8]) -> Option<Response<Bytes>> {
    let service = signed_service(parts)?;
    if KNOWN.contains(&service.as_str()) {
        return None;
    }
    let text = |name: &str| header_text(&parts.headers, name);
    let form = text("content-type").starts_with("application/x-www-form-urlencoded");
    let operation = match (text("x-amz-target").rsplit_once('.'), form) {
        (Some((_, operation)), _) => operation.to_owned(),
        (None, true) => query::field(&String::from_utf8_lossy(body), "Action").unwrap_or_default(),
        (None, false) => format!("{} {}", parts.method, parts.uri.path()),
    };
    let message =
        format!("the local cloud has no service {service} ({operation}); see docs/local-cloud.md for what it has");
    let error = ServiceError::new("UnknownOperationException", message).status(501);
    Some(match (text("smithy-protocol"), form) {
        ("rpc-v2-cbor", _) => cbor(&error),
        (_, true) if service == "ec2" => ec2(&error),
        (_, true) => as_xml(&error),
        _ if REST_XML.contains(&service.as_str()) => as_xml(&error),
        _ => error_response(&error, if text("content-type").ends_with("1.1") { "1.1" } else { "1.0" }),
    })
}

/// The service in a signature's scope, in the header or in a presigned address
/// ([Signature Version 4](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)).
fn signed_service(parts: &Parts) -> Option<String> {
    let header = header_text(&parts.headers, "authorization");
    let scope = match header.split_once("Credential=") {
        Some((_, rest)) => rest.split(',').next()?.to_owned(),
        None => query::field(parts.uri.query()?, "X-Amz-Credential")?,
    };
    let service = scope.split('/').nth(3)?.trim();
    Some(service.to_owned()).filter(|service| !service.is_empty())
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn cbor(error: &ServiceError) -> Response<Bytes> {
    let body: Value = json!({ "__type": error.code, "message": error.message });
    let mut response = respond(error, "application/cbor", crate::cloudwatch::to_cbor(&body));
    response.headers_mut().insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    response
}

/// Query services name an operation that they do not have so.
fn as_xml(error: &ServiceError) -> Response<Bytes> {
    let message = xml::escape(&error.message);
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>{message}</Message></Error>\
         <RequestId>local</RequestId></ErrorResponse>"
    );
    respond(error, "text/xml", body.into_bytes())
}

fn ec2(error: &ServiceError) -> Response<Bytes> {
    let message = xml::escape(&error.message);
    let body = format!(
        "<Response><Errors><Error><Code>InvalidAction</Code><Message>{message}</Message></Error></Errors>\
         <RequestID>local</RequestID></Response>"
    );
    respond(error, "text/xml", body.into_bytes())
}

fn respond(error: &ServiceError, kind: &'static str, body: Vec<u8>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(error.status).unwrap_or(StatusCode::NOT_IMPLEMENTED);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

#[cfg(test)]
mod tests {
    use http::Request;

    use crate::testing::cloud;

    async fn ask(service: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let scope =
            format!("AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/{service}/aws4_request, SignedHeaders=host");
        let mut request = Request::post("http://127.0.0.1/").header("authorization", scope);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = cloud().handle(request.body(body.to_owned().into()).unwrap()).await;
        (response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned())
    }

    #[tokio::test]
    async fn unknown_services_are_named_in_the_protocol_of_the_client() {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let cases = [
            (
                "kinesis",
                vec![("x-amz-target", "Kinesis_20131202.ListStreams")],
                "",
                r#""__type":"UnknownOperationException""#,
            ),
            ("sns", vec![form], "Action=ListTopics&Version=2010-03-31", "<ErrorResponse><Error>"),
            ("ec2", vec![form], "Action=DescribeVpcs&Version=2016-11-15", "<Response><Errors><Error>"),
            ("apigateway", vec![], "", r#""message":"the local cloud has no service apigateway (POST /)"#),
            ("route53", vec![], "", "<ErrorResponse><Error>"),
            ("newest", vec![("smithy-protocol", "rpc-v2-cbor")], "", "UnknownOperationException"),
        ];
        for (service, headers, body, part) in cases {
            let (status, answer) = ask(service, &headers, body).await;
            assert_eq!(status, 501, "{answer}");
            assert!(answer.contains(part) && answer.contains(&format!("no service {service} (")), "{answer}");
        }
    }

    #[tokio::test]
    async fn known_services_are_asked() {
        let (status, answer) = ask("sqs", &[("x-amz-target", "AmazonSQS.ListQueues")], "{}").await;
        assert_eq!((status, answer.as_str()), (200, "{}"));
    }
}
