//! Lists, page by page.

use serde_json::{Value, json};

use crate::wire::set_member;

/// A page of entries that are in the order of their keys. The marker is the last key of the page before.
pub(super) fn page(input: &Value, member: &str, largest: u64, entries: Vec<(String, Value)>) -> Value {
    let after = input.get("Marker").and_then(Value::as_str);
    let most = input.get("MaxItems").and_then(Value::as_u64).unwrap_or(largest).clamp(1, largest);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut rest = entries.into_iter().filter(|(key, _)| after.is_none_or(|after| key.as_str() > after));
    let shown: Vec<_> = rest.by_ref().take(most).collect();
    let last = shown.last().map(|(key, _)| key.clone());
    let more = rest.next().is_some();
    let mut answer = json!({});
    set_member(&mut answer, member, shown.into_iter().map(|(_, entry)| entry).collect::<Vec<_>>());
    if let (true, Some(last)) = (more, last) {
        set_member(&mut answer, "NextMarker", last);
    }
    answer
}
