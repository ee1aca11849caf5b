//! Pages of a listing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::errors;
use super::input::Input;
use crate::wire::{Answer, ServiceError};

/// The page of `items` that the request asks for, as the member `name`; 100 items unless the request says how many.
pub(super) fn page(input: Input<'_>, name: &str, mut items: Vec<Value>) -> Answer {
    page_of(input, name, items.len(), |index| items.get_mut(index).map(Value::take).unwrap_or_default())
}

/// The same of so many items, of which only those of the page are made.
pub(super) fn page_of(input: Input<'_>, name: &str, count: usize, item: impl FnMut(usize) -> Value) -> Answer {
    let size = match input.member("maxResults").map(|v| v.as_u64().and_then(|n| usize::try_from(n).ok())) {
        None | Some(Some(0)) => 100,
        Some(Some(size)) if size <= 1000 => size,
        Some(_) => {
            let given = input.member("maxResults").map(ToString::to_string).unwrap_or_default();
            let most = "Member must have value less than or equal to 1000";
            return Err(errors::constraint("maxResults", &given, most));
        }
    };
    let from = input.optional_text("nextToken").map_or(Ok(0), |token| decode(token, name))?;
    let end = from.saturating_add(size);
    let more = end < count;
    let items = (from.min(count)..end.min(count)).map(item).collect();
    let mut answer = Value::Object(Map::from_iter([(name.to_owned(), Value::Array(items))]));
    if let (true, Some(answer)) = (more, answer.as_object_mut()) {
        answer.insert("nextToken".into(), STANDARD.encode(format!("from {end}")).into());
    }
    Ok(answer)
}

fn decode(token: &str, listing: &str) -> Result<usize, ServiceError> {
    let most = if listing == "executions" { 3096 } else { 1024 };
    if token.chars().count() > most {
        let what = format!("Member must have length less than or equal to {most}");
        return Err(errors::constraint("nextToken", token, &what));
    }
    let text = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let from = text.as_deref().and_then(|text| text.strip_prefix("from ")?.parse().ok());
    from.ok_or_else(errors::invalid_token)
}
