//! Ids of a story's own, so that stories that are told at the same time in one deployment do not meet.

use regex::Regex;
use serde_json::Value;

/// The ids that decide what meets what: of events, workflows, orders, and articles of `events/seed/stock.json`.
const IDS: &str = r"\b(?:(?:evt|cor|ord)_[0-9A-Za-z_-]+|tea-green-100|cup-porcelain|kettle-copper)";

/// Marks ids on their way to the cloud, and takes the mark off what comes back: a story knows plain ids only.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// What is marked; nothing where ids stay as they are.
    ids: Option<Regex>,
    mark: String,
}

impl Marks {
    /// Ids stay as they are: the story has a cloud to itself.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Ids end in a mark made of this number.
    #[must_use]
    pub fn new(random: u64) -> Self {
        Self { ids: Regex::new(IDS).ok(), mark: format!("-x{:08x}", random & 0xffff_ffff) }
    }

    /// A text with every id marked.
    #[must_use]
    pub fn text(&self, plain: &str) -> String {
        match &self.ids {
            None => plain.to_owned(),
            Some(ids) => ids.replace_all(plain, format!("${{0}}{}", self.mark)).into_owned(),
        }
    }

    /// The same for all texts of a value, and for texts in its texts.
    #[must_use]
    pub fn value(&self, plain: &Value) -> Value {
        match self.ids {
            None => plain.clone(),
            Some(_) => serde_json::from_str(&self.text(&plain.to_string())).unwrap_or_default(),
        }
    }

    /// The value with plain ids.
    #[must_use]
    pub fn plain(&self, marked: &Value) -> Value {
        match self.ids {
            None => marked.clone(),
            Some(_) => serde_json::from_str(&marked.to_string().replace(&self.mark, "")).unwrap_or_default(),
        }
    }

    /// Whether a value has to do with this story. Where ids stay as they are, every value has.
    #[must_use]
    pub fn are_in(&self, value: &Value) -> bool {
        value.to_string().contains(&self.mark)
    }

    /// What all ids of this story end in; empty where they stay as they are.
    #[must_use]
    pub fn mark(&self) -> &str {
        &self.mark
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
