//! What the gateway has in its books.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A charge of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The gateway's id for it.
    pub payment_id: String,
    /// The order that it pays for.
    pub order_id: String,
    /// The amount in the currency's smallest unit.
    pub amount_cents: i64,
    /// The currency.
    pub currency: String,
    /// Whether it was given back.
    pub status: ChargeStatus,
}

/// How a charge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeStatus {
    /// The money was taken.
    Charged,
    /// It was given back.
    Refunded,
}

impl Charge {
    pub(crate) fn body(&self) -> Value {
        let status = match self.status {
            ChargeStatus::Charged => "charged",
            ChargeStatus::Refunded => "refunded",
        };
        json!({ "payment_id": self.payment_id, "status": status, "amount_cents": self.amount_cents, "currency": self.currency })
    }
}

/// What is known under a key.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    Charged {
        request: Value,
        payment_id: String,
    },
    Declined {
        request: Value,
        body: Value,
    },
    Refunded {
        request: Value,
        body: Value,
    },
    /// Settled before anything was charged under it.
    Closed,
}

#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) charges: BTreeMap<String, Charge>,
    pub(crate) charge_keys: BTreeMap<String, Entry>,
    pub(crate) refund_keys: BTreeMap<String, Entry>,
    pub(crate) tried: BTreeMap<String, u32>,
    pub(crate) requests: BTreeMap<String, u32>,
}

impl Books {
    /// How often this was asked before, counting this time.
    pub(crate) fn count(&mut self, what: &str) -> u32 {
        let count = self.requests.entry(what.to_owned()).or_default();
        *count += 1;
        *count
    }

    pub(crate) fn try_of(&mut self, key: &str) -> u32 {
        let tries = self.tried.entry(key.to_owned()).or_default();
        *tries += 1;
        *tries
    }
}
