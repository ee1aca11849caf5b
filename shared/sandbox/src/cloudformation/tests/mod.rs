//! Over the wire, as command lines and SDKs ask.

mod change_sets;
mod exports;
mod failures;
mod kinds;
mod lifecycle;
mod sam;
mod templates;
mod updates;

use std::io::Write;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::query::tests::post;
use crate::xml::Element;
use crate::{Cloud, Service};

/// A form's fields, encoded.
fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    fields.iter().map(|(name, value)| format!("&{name}={}", encode(value))).collect()
}

/// Asks, and gives the status and the whole answer.
async fn ask(cloud: &Cloud, action: &str, fields: &[(&str, &str)]) -> (u16, String) {
    post(cloud, &format!("Action={action}&Version=2010-05-15{}", form(fields))).await
}

/// Asks, and gives the result.
async fn ok(cloud: &Cloud, action: &str, fields: &[(&str, &str)]) -> Element {
    let (status, body) = ask(cloud, action, fields).await;
    assert_eq!(status, 200, "{action}: {body}");
    Element::parse(&body).unwrap().child(&format!("{action}Result")).unwrap().clone()
}

/// Asks for what is refused, and gives the code and the message.
async fn refused(cloud: &Cloud, action: &str, fields: &[(&str, &str)]) -> (String, String) {
    let (status, body) = ask(cloud, action, fields).await;
    assert_ne!(status, 200, "{action}: {body}");
    let answer = Element::parse(&body).unwrap();
    let error = answer.child("Error").unwrap();
    (error.child_text("Code").unwrap().to_owned(), error.child_text("Message").unwrap().to_owned())
}

async fn create(cloud: &Cloud, name: &str, template: &str) {
    ok(cloud, "CreateStack", &[("StackName", name), ("TemplateBody", template)]).await;
    assert_eq!(status(cloud, name).await, "CREATE_COMPLETE", "{:?}", events(cloud, name).await);
}

async fn update(cloud: &Cloud, name: &str, template: &str) {
    ok(cloud, "UpdateStack", &[("StackName", name), ("TemplateBody", template)]).await;
    assert_eq!(status(cloud, name).await, "UPDATE_COMPLETE", "{:?}", events(cloud, name).await);
}

async fn described(cloud: &Cloud, name: &str) -> Element {
    let answer = ok(cloud, "DescribeStacks", &[("StackName", name)]).await;
    answer.child("Stacks").unwrap().child("member").unwrap().clone()
}

async fn status(cloud: &Cloud, name: &str) -> String {
    described(cloud, name).await.child_text("StackStatus").unwrap().to_owned()
}

async fn output(cloud: &Cloud, name: &str, key: &str) -> String {
    let stack = described(cloud, name).await;
    let mut outputs = stack.child("Outputs").unwrap().all("member");
    let output = outputs.find(|output| output.child_text("OutputKey") == Some(key)).unwrap();
    output.child_text("OutputValue").unwrap().to_owned()
}

/// Logical id, status and reason of everything that happened, the oldest first.
async fn events(cloud: &Cloud, name: &str) -> Vec<String> {
    let answer = ok(cloud, "DescribeStackEvents", &[("StackName", name)]).await;
    let text = |event: &Element, name: &str| event.child_text(name).unwrap_or_default().to_owned();
    let show = |event: &Element| {
        let all = ["LogicalResourceId", "ResourceStatus", "ResourceStatusReason"].map(|name| text(event, name));
        all.join(" ").trim_end().to_owned()
    };
    let mut events: Vec<String> = answer.child("StackEvents").unwrap().all("member").map(show).collect();
    events.reverse();
    events
}

async fn physical_id(cloud: &Cloud, stack: &str, logical_id: &str) -> String {
    let fields = [("StackName", stack), ("LogicalResourceId", logical_id)];
    let answer = ok(cloud, "DescribeStackResource", &fields).await;
    answer.child("StackResourceDetail").unwrap().child_text("PhysicalResourceId").unwrap().to_owned()
}

async fn call(cloud: &Cloud, service: Service, operation: &str, input: Value) -> Value {
    cloud.call(service, operation, input).await.unwrap()
}

async fn attribute(cloud: &Cloud, queue: &str, name: &str) -> Value {
    let input = json!({ "QueueUrl": queue, "AttributeNames": ["All"] });
    call(cloud, Service::Sqs, "GetQueueAttributes", input).await["Attributes"][name].clone()
}

/// Puts an object into the bucket `code`, which is created.
async fn object(cloud: &Cloud, key: &str, body: impl Into<Bytes>) {
    let signed = "AWS4-HMAC-SHA256 Credential=t/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x";
    for (path, body) in [("/code".to_owned(), Bytes::new()), (format!("/code/{key}"), body.into())] {
        let request = Request::put(path).header("authorization", signed).header("host", "127.0.0.1").body(body);
        assert_eq!(cloud.handle(request.unwrap()).await.status(), 200);
    }
}

/// A function's code as a zip file.
fn zip(text: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("bootstrap", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(text.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}
