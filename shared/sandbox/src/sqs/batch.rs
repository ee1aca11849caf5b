//! What the batch operations share.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::errors;
use super::input::Input;
use crate::wire::{Answer, ServiceError, set_member};

const MOST: usize = 10;

/// The checked entries of a batch, each with its id. `operation` is the one that asks.
pub(super) fn entries<'a>(operation: &str, input: Input<'a>) -> Result<Vec<(&'a str, Input<'a>)>, ServiceError> {
    let entries: Vec<_> = input.list("Entries").collect();
    if entries.is_empty() {
        let message = format!("There should be at least one {operation}RequestEntry in the request.");
        return Err(ServiceError::new("EmptyBatchRequest", message));
    }
    if entries.len() > MOST {
        let message = format!("Maximum number of entries per request are {MOST}. You have sent {}.", entries.len());
        return Err(ServiceError::new("TooManyEntriesInBatchRequest", message));
    }
    let mut seen = BTreeSet::new();
    entries.into_iter().map(|entry| check(entry, &mut seen)).collect()
}

fn check<'a>(entry: Input<'a>, seen: &mut BTreeSet<&'a str>) -> Result<(&'a str, Input<'a>), ServiceError> {
    let id = entry.optional_text("Id").ok_or_else(|| errors::missing("Id"))?;
    if !(1..=80).contains(&id.len()) || !id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
                       It can be at most 80 letters long.";
        return Err(ServiceError::new("InvalidBatchEntryId", message));
    }
    if !seen.insert(id) {
        return Err(ServiceError::new("BatchEntryIdsNotDistinct", format!("Id {id} repeated.")));
    }
    Ok((id, entry))
}

/// Runs each entry by itself: what one answers does not depend on the others.
pub(super) fn run<'a>(entries: Vec<(&'a str, Input<'a>)>, mut each: impl FnMut(Input<'a>) -> Answer) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, entry) in entries {
        match each(entry) {
            Ok(Value::Object(mut members)) => {
                members.insert("Id".into(), id.into());
                successful.push(Value::Object(members));
            }
            Ok(_) => successful.push(json!({ "Id": id })),
            Err(error) => failed.push(json!({
                "Id": id,
                "SenderFault": error.status < 500,
                "Code": errors::query_name(&error.code),
                "Message": error.message,
            })),
        }
    }
    let mut answer = json!({ "Successful": successful });
    if !failed.is_empty() {
        set_member(&mut answer, "Failed", failed);
    }
    answer
}
