//! What events are made of.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $pattern:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(#[schemars(regex(pattern = $pattern))] String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            /// As it is: contracts hold it against its pattern whenever it is published or consumed.
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text!(
    /// An order's id, chosen by the client: `ord_`, then up to 60 letters, digits, `-` and `_`.
    OrderId,
    "^ord_[0-9A-Za-z_-]{1,60}$"
);
text!(
    /// What is sold, as the stock knows it: `tea-green-100`.
    Sku,
    "^[0-9a-z-]{1,40}$"
);
text!(
    /// A currency's three letters: `EUR`.
    Currency,
    "^[A-Z]{3}$"
);
text!(
    /// What stands for a card at the payment gateway: `tok_…`. Never a card's number.
    CardToken,
    "^tok_[0-9A-Za-z_]{1,60}$"
);

/// Who ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Customer {
    /// The customer's id.
    #[schemars(length(min = 1, max = 60))]
    pub id: String,
    /// Where the customer is told what became of the order.
    #[schemars(regex(pattern = r"^[^@\s]+@[^@\s]+$"))]
    pub email: String,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// What.
    pub sku: Sku,
    /// How many.
    #[schemars(range(min = 1, max = 10_000))]
    pub quantity: u32,
    /// The price of one, in cents.
    #[schemars(range(max = 100_000_000))]
    pub unit_price_cents: u64,
}

/// What the lines cost together, in cents.
#[must_use]
pub fn total_cents(lines: &[Line]) -> u64 {
    lines
        .iter()
        .fold(0, |total, line| total.saturating_add(line.unit_price_cents.saturating_mul(u64::from(line.quantity))))
}
