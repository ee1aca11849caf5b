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

impl ChargeStatus {
    fn text(self) -> &'static str {
        match self {
            Self::Charged => "charged",
            Self::Refunded => "refunded",
        }
    }
}

impl Charge {
    pub(crate) fn body(&self) -> Value {
        json!({
            "payment_id": self.payment_id, "status": self.status.text(),
            "amount_cents": self.amount_cents, "currency": self.currency,
        })
    }
}

/// What the gateway knows of one order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Its charges, in order of their payment ids.
    pub charges: Vec<Charge>,
    /// How often `POST /charges` was asked for it.
    pub asked: u32,
}

impl Account {
    pub(crate) fn to_json(&self) -> Value {
        json!({ "charges": self.charges.iter().map(Charge::body).collect::<Vec<_>>(), "asked": self.asked })
    }

    pub(crate) fn from_json(order_id: &str, account: &Value) -> Option<Self> {
        let charge = |body: &Value| {
            let text = |name: &str| Some(body.get(name)?.as_str()?.to_owned());
            let statuses = [ChargeStatus::Charged, ChargeStatus::Refunded];
            Some(Charge {
                payment_id: text("payment_id")?,
                order_id: order_id.to_owned(),
                amount_cents: body.get("amount_cents")?.as_i64()?,
                currency: text("currency")?,
                status: statuses.into_iter().find(|status| body.get("status").is_some_and(|s| s == status.text()))?,
            })
        };
        Some(Self {
            charges: account.get("charges")?.as_array()?.iter().map(charge).collect::<Option<_>>()?,
            asked: u32::try_from(account.get("asked")?.as_u64()?).ok()?,
        })
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
    /// By order: how often a charge was asked for.
    pub(crate) asked: BTreeMap<String, u32>,
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
