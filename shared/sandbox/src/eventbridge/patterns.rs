//! Event patterns in requests.

use serde_json::{Value, json};
use throughline_event_pattern::Pattern;

use super::errors;
use super::input::Input;
use crate::wire::{Answer, ServiceError};

/// The longest pattern.
const LONGEST: usize = 4_096;

/// What an event must have to be tested.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html>
const FIELDS: [&str; 6] = ["id", "account", "source", "time", "region", "detail-type"];

/// The request's `EventPattern`, if it has one.
pub(super) fn read(input: Input<'_>) -> Result<Option<Pattern>, ServiceError> {
    let Some(text) = input.at_most("EventPattern", LONGEST)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    Pattern::parse(text).map(Some).map_err(|error| errors::bad_pattern(&error))
}

pub(super) fn test(input: Input<'_>) -> Answer {
    let Some(pattern) = read(input)? else { return Err(errors::missing("eventPattern")) };
    let event: Option<Value> = serde_json::from_str(input.text("Event")?).ok();
    let event = event.filter(|event| FIELDS.iter().all(|field| event.get(field).is_some()));
    let event = event.ok_or_else(|| errors::validation("Parameter Event is not valid."))?;
    Ok(json!({ "Result": pattern.matches(&event) }))
}
