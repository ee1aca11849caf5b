//! Requests of which a part is not done.

use serde_json::{Map, Value, json};

use crate::cloud::Service;
use crate::wire::set_member;

/// The entries that a service leaves undone, taken out of the request.
pub(super) enum Part {
    /// Of a list: each with its position.
    Events(Vec<usize>),
    /// Of a queue's batch: their ids.
    Messages(Vec<Value>),
    /// Of a batch of DynamoDB: what the answer gives back, as which member.
    Items { member: &'static str, rest: Map<String, Value> },
}

/// Takes out what is not done, and says whether anything is left to do. `None`: the operation is done whole or not at all.
pub(super) fn take(service: Service, operation: &str, input: &mut Value, positions: &[usize]) -> Option<(Part, bool)> {
    match (service, operation) {
        (Service::EventBridge, "PutEvents") => {
            let (taken, left) = take_entries(input, positions)?;
            Some((Part::Events(taken.into_iter().map(|(position, _)| position).collect()), left))
        }
        (Service::Sqs, "SendMessageBatch" | "DeleteMessageBatch" | "ChangeMessageVisibilityBatch") => {
            let (taken, left) = take_entries(input, positions)?;
            let id = |(_, entry): (usize, Value)| entry.get("Id").cloned().unwrap_or_default();
            Some((Part::Messages(taken.into_iter().map(id).collect()), left))
        }
        (Service::DynamoDb, "BatchWriteItem") => take_items(input, "UnprocessedItems", positions),
        (Service::DynamoDb, "BatchGetItem") => take_items(input, "UnprocessedKeys", positions),
        _ => None,
    }
}

type Taken = (Vec<(usize, Value)>, bool);

fn take_entries(input: &mut Value, positions: &[usize]) -> Option<Taken> {
    let entries = input.get_mut("Entries")?.as_array_mut()?;
    let mut taken = Vec::new();
    let all = std::mem::take(entries);
    for (position, entry) in all.into_iter().enumerate() {
        match positions.contains(&position) {
            true => taken.push((position, entry)),
            false => entries.push(entry),
        }
    }
    (!taken.is_empty()).then_some((taken, !entries.is_empty()))
}

/// Positions count through all tables, as the request has them.
fn take_items(input: &mut Value, member: &'static str, positions: &[usize]) -> Option<(Part, bool)> {
    let tables = input.get_mut("RequestItems")?.as_object_mut()?;
    let (mut rest, mut position) = (Map::new(), 0);
    for (table, requests) in tables.iter_mut() {
        // Keys are in a member beside others that go back with them; writes are the list itself.
        let mut back = requests.clone();
        let list = list_of(requests)?;
        let (mut left, mut undone) = (Vec::new(), Vec::new());
        for request in std::mem::take(list) {
            if positions.contains(&position) { &mut undone } else { &mut left }.push(request);
            position += 1;
        }
        *list = left;
        if !undone.is_empty() {
            *list_of(&mut back)? = undone;
            rest.insert(table.clone(), back);
        }
    }
    tables.retain(|_, requests| list_of(requests).is_some_and(|list| !list.is_empty()));
    let left = !tables.is_empty();
    (!rest.is_empty()).then_some((Part::Items { member, rest }, left))
}

fn list_of(requests: &mut Value) -> Option<&mut Vec<Value>> {
    match requests {
        Value::Array(list) => Some(list),
        other => other.get_mut("Keys")?.as_array_mut(),
    }
}

impl Part {
    /// The answer of an operation that had nothing left to do.
    pub(super) fn nothing(&self) -> Value {
        match self {
            Self::Events(_) => json!({ "FailedEntryCount": 0, "Entries": [] }),
            Self::Messages(_) => json!({ "Successful": [], "Failed": [] }),
            Self::Items { member: "UnprocessedKeys", .. } => json!({ "Responses": {} }),
            Self::Items { .. } => json!({}),
        }
    }

    /// Says in the answer what was not done:
    /// [`PutEventsResultEntry`](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html),
    /// [`BatchResultErrorEntry`](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_BatchResultErrorEntry.html),
    /// [`UnprocessedItems`](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html).
    pub(super) fn give_back(self, mut answer: Value) -> Value {
        match self {
            Self::Events(positions) => {
                let failed = answer.get("FailedEntryCount").and_then(Value::as_u64).unwrap_or(0);
                set_member(&mut answer, "FailedEntryCount", failed + positions.len() as u64);
                let entries = answer.get_mut("Entries").and_then(Value::as_array_mut);
                let refused = json!({
                    "ErrorCode": "InternalFailure",
                    "ErrorMessage": "The request processing has failed because of an unknown error, exception or failure.",
                });
                if let Some(entries) = entries {
                    positions
                        .into_iter()
                        .for_each(|position| entries.insert(position.min(entries.len()), refused.clone()));
                }
            }
            Self::Messages(ids) => {
                let failure = |id: Value| {
                    let message = "We encountered an internal error. Please try again.";
                    json!({ "Id": id, "SenderFault": false, "Code": "InternalError", "Message": message })
                };
                let failed = answer.get_mut("Failed").map(Value::take);
                let mut failed = failed.and_then(|failed| failed.as_array().cloned()).unwrap_or_default();
                failed.extend(ids.into_iter().map(failure));
                set_member(&mut answer, "Failed", failed);
            }
            Self::Items { member, rest } => set_member(&mut answer, member, rest),
        }
        answer
    }
}
