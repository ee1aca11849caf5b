//! Ids of a story's own, so that stories that are told at the same time in one deployment do not meet.

use regex::Regex;
use serde_json::Value;

/// The ids that decide what meets what: of events, workflows, orders, and articles of `events/seed/stock.json`.
const IDS: &str = r"\b(?:(?:evt|cor|ord)_[0-9A-Za-z_-]+|tea-green-100|cup-porcelain|kettle-copper)";

/// Marks ids on their way to the cloud, and takes the mark off what comes back: a story knows plain ids only.
#[derive(Debug)]
pub(crate) struct Marks {
    ids: Regex,
    mark: Option<String>,
}

impl Marks {
    /// Ids stay as they are: the story has a cloud to itself.
    pub(crate) fn none() -> Self {
        Self { ids: Regex::new(IDS).unwrap(), mark: None }
    }

    /// Ids end in a mark made of this number.
    pub(crate) fn new(random: u64) -> Self {
        Self { mark: Some(format!("-x{:08x}", random & 0xffff_ffff)), ..Self::none() }
    }

    /// A text with every id marked.
    pub(crate) fn text(&self, plain: &str) -> String {
        match &self.mark {
            None => plain.to_owned(),
            Some(mark) => self.ids.replace_all(plain, format!("${{0}}{mark}")).into_owned(),
        }
    }

    /// The same for all texts of a value, and for texts in its texts.
    pub(crate) fn value(&self, plain: &Value) -> Value {
        serde_json::from_str(&self.text(&plain.to_string())).unwrap()
    }

    /// The value with plain ids.
    pub(crate) fn plain(&self, marked: &Value) -> Value {
        match &self.mark {
            None => marked.clone(),
            Some(mark) => serde_json::from_str(&marked.to_string().replace(mark, "")).unwrap(),
        }
    }

    /// Whether a value has to do with this story.
    pub(crate) fn are_in(&self, value: &Value) -> bool {
        self.mark.as_ref().is_none_or(|mark| value.to_string().contains(mark))
    }

    /// What all ids of this story end in; empty where they are plain.
    pub(crate) fn mark(&self) -> &str {
        self.mark.as_deref().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_marked_wherever_they_stand_and_plain_again() {
        let marks = Marks::new(0x1_0000_00ab);
        let plain = json!({
            "id": "checkout-ord_a", "type": "orders.order.placed", "correlationid": "cor_1-2",
            "text": "Your order ord_a_b was cancelled.", "body": "{\"sku\":\"tea-green-100\"}", "card": "tok_ok",
        });
        let expected = json!({
            "id": "checkout-ord_a-x000000ab", "type": "orders.order.placed", "correlationid": "cor_1-2-x000000ab",
            "text": "Your order ord_a_b-x000000ab was cancelled.", "body": "{\"sku\":\"tea-green-100-x000000ab\"}",
            "card": "tok_ok",
        });
        assert_eq!(marks.value(&plain), expected);
        assert_eq!(marks.plain(&expected), plain);
        assert!(marks.are_in(&expected) && !marks.are_in(&plain));
        assert_eq!(Marks::none().value(&plain), plain);
    }
}
