//! What is there before a story begins.

use serde_json::{Value, json};

use crate::samples::sample;
use crate::stack::{Doom, Stack};
use throughline_simulation::workflow::Turn;

impl Stack {
    /// The rows that stories rely on: `events/seed`.
    ///
    /// # Panics
    /// They cannot be put.
    pub async fn given_seed(&self) {
        for table in ["stock", "orders", "order-views"] {
            for item in sample(&format!("seed/{table}.json")).as_array().unwrap() {
                self.given_item(table, item).await;
            }
        }
    }

    /// So many of an article can be sold.
    ///
    /// # Panics
    /// The row cannot be put.
    pub async fn given_stock(&self, sku: &str, available: u32) {
        self.given_item("stock", &json!({ "sku": sku, "available": available, "reserved": 0 })).await;
    }

    /// A row of a table.
    ///
    /// # Panics
    /// It cannot be put.
    pub async fn given_item(&self, table: &str, item: &Value) {
        let item = self.marks.value(item);
        let item = throughline_effects::item(item.as_object().unwrap());
        self.dynamodb().put_item().table_name(self.name(table)).set_item(Some(item)).send().await.unwrap();
    }

    /// Whether the payment gateway answers 503 to everything.
    ///
    /// # Panics
    /// In a deployment: the gateway is everybody's.
    pub fn given_gateway_away(&self, away: bool) {
        self.gateway().set_away(away);
    }

    /// The function's process dies when it next sends something: its commit is done, nothing of it is sent.
    pub fn given_crash_before_sending(&self, function: &str) {
        self.crashes().add(function, Doom::before_sending());
    }

    /// The function's process dies whenever it is about to ask for this operation: `TransactWriteItems`.
    pub fn given_death_at(&self, function: &str, operation: &str) {
        self.crashes().add(function, Doom::always(operation, Turn::Crash));
    }

    /// The function's process hangs whenever it is about to ask for this operation, until Lambda ends it.
    pub fn given_hanging_at(&self, function: &str, operation: &str) {
        self.crashes().add(function, Doom::always(operation, Turn::Hang));
    }

    /// Nothing of that happens to the function any more.
    pub fn given_peace(&self, function: &str) {
        self.crashes().end(function);
    }
}
