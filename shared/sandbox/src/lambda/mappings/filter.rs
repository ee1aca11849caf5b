//! Filter criteria
//! ([Lambda event filtering](https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html)).

use serde_json::{Value, json};
use throughline_event_pattern::Pattern;

use crate::lambda::errors;
use crate::wire::{ServiceError, set_member};

/// A record passes if one of them matches, or if there is none.
#[derive(Debug, Clone, Default)]
pub(super) struct Filters(Vec<Filter>);

#[derive(Debug, Clone)]
struct Filter {
    pattern: Pattern,
    /// Whether the pattern looks into `body` as JSON; a list of values means plain text.
    body: Option<BodyKind>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum BodyKind {
    Json,
    Text,
}

impl Filters {
    pub(super) fn parse(criteria: &Value) -> Result<Self, ServiceError> {
        let filters = criteria.get("Filters").and_then(Value::as_array);
        let pattern = |filter: &Value| filter.get("Pattern").and_then(Value::as_str).map(str::to_owned);
        let texts = filters.into_iter().flatten().map(|filter| pattern(filter).unwrap_or_default());
        texts.map(|text| Filter::parse(&text)).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn show(&self) -> Value {
        let filters: Vec<_> = self.0.iter().map(|filter| json!({ "Pattern": filter.pattern.as_str() })).collect();
        json!({ "Filters": filters })
    }

    /// Whether a record passes.
    pub(super) fn passes(&self, record: &Value) -> bool {
        self.0.is_empty() || self.0.iter().any(|filter| filter.matches(record))
    }
}

impl Filter {
    fn parse(text: &str) -> Result<Self, ServiceError> {
        // AWS does not say what is wrong with it.
        let pattern = Pattern::parse(text).map_err(|_| errors::invalid("Invalid filter pattern definition."))?;
        let body = serde_json::from_str::<Value>(text).ok().and_then(|value| match value.get("body")? {
            Value::Object(_) => Some(BodyKind::Json),
            _ => Some(BodyKind::Text),
        });
        Ok(Self { pattern, body })
    }

    /// A body that is not of the kind that the pattern wants does not match.
    fn matches(&self, record: &Value) -> bool {
        let text = record.get("body").and_then(Value::as_str);
        let parsed = text.and_then(|text| serde_json::from_str::<Value>(text).ok()).filter(Value::is_object);
        match (self.body, text, parsed) {
            (None, ..) | (Some(_), None, _) | (Some(BodyKind::Text), Some(_), None) => self.pattern.matches(record),
            (Some(BodyKind::Json), Some(_), Some(body)) => {
                let mut record = record.clone();
                set_member(&mut record, "body", body);
                self.pattern.matches(&record)
            }
            (Some(BodyKind::Json), Some(_), None) | (Some(BodyKind::Text), Some(_), Some(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(pattern: &Value, body: &str) -> bool {
        let filters = Filters::parse(&json!({ "Filters": [{ "Pattern": pattern.to_string() }] })).unwrap();
        filters.passes(&json!({ "messageId": "1", "body": body }))
    }

    #[test]
    fn json_patterns_want_json_bodies_and_text_patterns_text() {
        let json = json!({ "body": { "kind": ["order"] } });
        assert!(passes(&json, r#"{"kind":"order"}"#));
        assert!(!passes(&json, r#"{"kind":"refund"}"#));
        assert!(!passes(&json, "order"));
        let text = json!({ "body": ["order"] });
        assert!(passes(&text, "order"));
        assert!(!passes(&text, r#"{"kind":"order"}"#));
    }

    #[test]
    fn a_bad_pattern_is_refused() {
        let error = Filters::parse(&json!({ "Filters": [{ "Pattern": r#"{"body": "order"}"# }] })).unwrap_err();
        assert_eq!(error.code, "InvalidParameterValueException");
    }
}
