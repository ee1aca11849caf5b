//! Shipments: what was sent for each order.

use serde::{Deserialize, Serialize};
use serde_json::json;
use throughline::effects::{Condition, Failure, Record, Store, Table, Tables, Write};

use crate::OrderId;

/// What was sent for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// The order.
    pub order_id: OrderId,
    /// The parcel: `shp_` and what the order's id has after its prefix.
    pub shipment_id: String,
    /// Whether it was called back.
    pub status: ShipmentStatus,
}

/// Whether a shipment was called back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShipmentStatus {
    /// It was not.
    Created,
    /// It was.
    Cancelled,
}

impl Record for Shipment {
    const TABLE: &'static str = "shipments";
    const KEY: &'static str = "order_id";
}

impl Shipment {
    /// A new one. An order has one shipment, so the order's id gives it its own.
    #[must_use]
    pub fn of(order_id: &OrderId) -> Self {
        let id = order_id.as_str();
        let shipment_id = format!("shp_{}", id.strip_prefix("ord_").unwrap_or(id));
        Self { order_id: order_id.clone(), shipment_id, status: ShipmentStatus::Created }
    }
}

/// The shipments.
#[derive(Debug, Clone)]
pub struct Shipments(Table<Shipment>);

impl Store for Shipments {
    const TABLES: &'static [&'static str] = &[Shipment::TABLE];

    fn open(tables: Tables) -> Self {
        Self(tables.table())
    }
}

impl Shipments {
    /// What is on its way for an order; none when nothing was sent or it was called back.
    ///
    /// # Errors
    /// Transient, when the table cannot be read.
    pub async fn underway(&self, id: &OrderId) -> Result<Option<Shipment>, Failure> {
        let shipment = self.0.get(id.as_str()).await?;
        Ok(shipment.filter(|shipment| shipment.status == ShipmentStatus::Created))
    }

    /// Sends something for an order. There must be nothing yet: combine with `.or_fail(…)`.
    pub fn create(&self, shipment: &Shipment) -> Write {
        self.0.put_new(shipment)
    }

    /// Calls it back, if it is still on its way: combine with `.or_retry(…)`.
    pub fn cancel(&self, shipment: &Shipment) -> Write {
        let update = self.0.update(shipment.order_id.as_str()).set("status", ShipmentStatus::Cancelled);
        update.when(Condition::equals("status", json!(ShipmentStatus::Created))).build()
    }
}
