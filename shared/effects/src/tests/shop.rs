//! A small shop: what the tests sell.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use throughline_contracts::Contract;

use crate::{Condition, Record, Store, Table, Tables, Update, Write};

/// An order was placed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(super) struct Placed {
    pub(super) order_id: String,
    #[schemars(range(min = 1))]
    pub(super) pieces: u32,
    pub(super) note: String,
}

impl Contract for Placed {
    const TYPE: &'static str = "shop.order.placed";
    const VERSION: u32 = 1;
    const OWNER: &'static str = "shop";
    const DESCRIPTION: &'static str = "An order was placed.";

    fn sample() -> Self {
        placed("o-1")
    }
}

pub(super) fn placed(order_id: &str) -> Placed {
    Placed { order_id: order_id.into(), pieces: 1, note: String::new() }
}

/// How much of an article there is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Article {
    pub(super) sku: String,
    pub(super) available: i64,
}

impl Record for Article {
    const TABLE: &'static str = "stock";
    const KEY: &'static str = "sku";
}

/// A row that is built in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct View {
    pub(super) order_id: String,
    pub(super) version: u64,
    pub(super) status: Option<String>,
}

impl Record for View {
    const TABLE: &'static str = "views";
    const KEY: &'static str = "order_id";
}

pub(super) struct Shop {
    pub(super) stock: Table<Article>,
    pub(super) views: Table<View>,
}

impl Store for Shop {
    const TABLES: &'static [&'static str] = &["stock", "views"];

    fn open(tables: Tables) -> Self {
        Self { stock: tables.table(), views: tables.table() }
    }
}

impl Shop {
    pub(super) fn take(&self, sku: &str, pieces: i64) -> Update {
        self.stock.update(sku).add("available", -pieces).when(Condition::at_least("available", pieces))
    }

    pub(super) fn show(&self, order_id: &str, sequence: u64, status: &str) -> Write {
        self.views.update(order_id).set("status", status).in_order(sequence)
    }
}
