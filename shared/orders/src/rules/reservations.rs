//! Reservations: what each order holds, so that releasing gives back just that.

use serde::{Deserialize, Serialize};
use serde_json::json;
use throughline::effects::{Condition, Failure, Record, Store, Table, Tables, Write};

use crate::{Line, OrderId, Sku};

/// What an order holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// The order.
    pub order_id: OrderId,
    /// What it holds, or held.
    pub lines: Vec<ReservedLine>,
    /// Whether it still does.
    pub status: ReservationStatus,
}

/// How many of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservedLine {
    /// The article.
    pub sku: Sku,
    /// How many.
    pub quantity: u32,
}

/// Whether a reservation holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReservationStatus {
    /// It does.
    Reserved,
    /// It was given back.
    Released,
}

impl Record for Reservation {
    const TABLE: &'static str = "reservations";
    const KEY: &'static str = "order_id";
}

/// The reservations.
#[derive(Debug, Clone)]
pub struct Reservations(Table<Reservation>);

impl Store for Reservations {
    const TABLES: &'static [&'static str] = &[Reservation::TABLE];

    fn open(tables: Tables) -> Self {
        Self(tables.table())
    }
}

impl Reservations {
    /// What an order holds; none when it never held anything or gave it back.
    ///
    /// # Errors
    /// Transient, when the table cannot be read.
    pub async fn held(&self, id: &OrderId) -> Result<Option<Reservation>, Failure> {
        let reservation = self.0.get(id.as_str()).await?;
        Ok(reservation.filter(|reservation| reservation.status == ReservationStatus::Reserved))
    }

    /// Writes down what an order holds. It must not hold anything yet: combine with `.or_fail(…)`.
    pub fn open_for(&self, id: &OrderId, lines: &[Line]) -> Write {
        let line = |line: &Line| ReservedLine { sku: line.sku.clone(), quantity: line.quantity };
        let lines = lines.iter().map(line).collect();
        self.0.put_new(&Reservation { order_id: id.clone(), lines, status: ReservationStatus::Reserved })
    }

    /// Writes down that it was given back, if it still holds: combine with `.or_retry(…)`.
    pub fn release(&self, reservation: &Reservation) -> Write {
        let update = self.0.update(reservation.order_id.as_str()).set("status", ReservationStatus::Released);
        update.when(Condition::equals("status", json!(ReservationStatus::Reserved))).build()
    }
}
