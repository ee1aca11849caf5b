//! Stock: what can still be sold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use throughline::effects::{Condition, Record, Store, Table, Tables, Writes};

use super::{Reservation, ReservedLine};
use crate::{Line, Sku};

/// How many there are of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockItem {
    /// The article.
    pub sku: Sku,
    /// How many can still be sold.
    pub available: u64,
    /// How many are held for orders.
    pub reserved: u64,
}

impl Record for StockItem {
    const TABLE: &'static str = "stock";
    const KEY: &'static str = "sku";
}

/// The stock.
#[derive(Debug, Clone)]
pub struct Stock(Table<StockItem>);

impl Store for Stock {
    const TABLES: &'static [&'static str] = &[StockItem::TABLE];

    fn open(tables: Tables) -> Self {
        Self(tables.table())
    }
}

impl Stock {
    /// Holds what the lines ask for, all of it or nothing: a line that there is too little of, or an article that does not
    /// exist, refuses the whole. Combine with `.or_fail("out_of_stock")`.
    pub fn reserve(&self, lines: &[Line]) -> Writes {
        let hold = |(sku, quantity): (&Sku, i64)| {
            let update = self.0.update(sku.as_str()).add("available", -quantity).add("reserved", quantity);
            update.when(Condition::at_least("available", quantity)).build()
        };
        by_sku(lines.iter().map(|line| (&line.sku, line.quantity))).into_iter().map(hold).collect()
    }

    /// Gives back what an order held.
    pub fn release(&self, reservation: &Reservation) -> Writes {
        let give_back = |(sku, quantity): (&Sku, i64)| {
            let update = self.0.update(sku.as_str()).add("available", quantity).add("reserved", -quantity);
            update.when(Condition::at_least("reserved", quantity)).build()
        };
        let lines = reservation.lines.iter().map(|ReservedLine { sku, quantity }| (sku, *quantity));
        by_sku(lines).into_iter().map(give_back).collect()
    }
}

/// One number for each article: a transaction touches an item once.
fn by_sku<'a>(lines: impl Iterator<Item = (&'a Sku, u32)>) -> BTreeMap<&'a Sku, i64> {
    lines.fold(BTreeMap::new(), |mut sums, (sku, quantity)| {
        *sums.entry(sku).or_default() += i64::from(quantity);
        sums
    })
}
