//! From an answer to XML. Lists and maps are flat: each member is an element of its own.

use serde_json::Value;

use crate::xml::escape;

const NAMESPACE: &str = "http://queue.amazonaws.com/doc/2012-11-05/";

/// The operations whose answers have no members.
const WITHOUT_RESULT: &[&str] = &[
    "AddPermission",
    "ChangeMessageVisibility",
    "DeleteMessage",
    "DeleteQueue",
    "PurgeQueue",
    "RemovePermission",
    "SetQueueAttributes",
    "TagQueue",
    "UntagQueue",
];

pub(super) fn answer(action: &str, answer: &Value, request_id: &str) -> String {
    let mut result = String::new();
    members(&mut result, action, answer);
    let result =
        if WITHOUT_RESULT.contains(&action) { result } else { format!("<{action}Result>{result}</{action}Result>") };
    let metadata = format!("<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>");
    format!("<?xml version=\"1.0\"?><{action}Response xmlns=\"{NAMESPACE}\">{result}{metadata}</{action}Response>")
}

pub(super) fn error(fault: &str, code: &str, message: &str, request_id: &str) -> String {
    let (code, message) = (escape(code), escape(message));
    format!(
        "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{fault}</Type><Code>{code}</Code>\
         <Message>{message}</Message><Detail/></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
}

fn members(out: &mut String, action: &str, value: &Value) {
    for (name, member) in value.as_object().into_iter().flatten() {
        match (name.as_str(), member) {
            (_, Value::Array(items)) => {
                let element = list_element(action, name);
                items.iter().for_each(|item| element_of(out, element, action, item));
            }
            ("Attributes", map) => entries(out, action, "Attribute", "Name", map),
            ("MessageAttributes", map) => entries(out, action, "MessageAttribute", "Name", map),
            ("Tags", map) => entries(out, action, "Tag", "Key", map),
            (name, member) => element_of(out, name, action, member),
        }
    }
}

fn list_element<'a>(action: &str, name: &'a str) -> &'a str {
    match (action, name) {
        (_, "QueueUrls" | "queueUrls") => "QueueUrl",
        (_, "Messages") => "Message",
        (_, "Failed") => "BatchResultErrorEntry",
        ("SendMessageBatch", "Successful") => "SendMessageBatchResultEntry",
        ("DeleteMessageBatch", "Successful") => "DeleteMessageBatchResultEntry",
        ("ChangeMessageVisibilityBatch", "Successful") => "ChangeMessageVisibilityBatchResultEntry",
        ("ListMessageMoveTasks", "Results") => "ListMessageMoveTasksResultEntry",
        _ => name,
    }
}

fn entries(out: &mut String, action: &str, element: &str, key: &str, map: &Value) {
    for (name, value) in map.as_object().into_iter().flatten() {
        out.push_str(&format!("<{element}>"));
        element_of(out, key, action, &Value::from(name.as_str()));
        element_of(out, "Value", action, value);
        out.push_str(&format!("</{element}>"));
    }
}

fn element_of(out: &mut String, name: &str, action: &str, value: &Value) {
    out.push_str(&format!("<{name}>"));
    match value {
        Value::Object(_) => members(out, action, value),
        Value::String(text) => out.push_str(&escape(text)),
        other => out.push_str(&other.to_string()),
    }
    out.push_str(&format!("</{name}>"));
}
