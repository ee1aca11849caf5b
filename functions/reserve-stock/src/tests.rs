use serde_json::json;
use throughline::effects::{Store, Tables, Write};
use throughline::prelude::*;
use throughline_orders::{FulfilOrder, Reservations, Stock, testing};

use super::reserve;

#[tokio::test]
async fn every_line_is_held_and_written_down_or_none() {
    let stock = State(Stock::open(Tables::offline()));
    let reservations = State(Reservations::open(Tables::offline()));
    let effects = reserve(stock, reservations, testing::step(FulfilOrder::sample(), None)).await.unwrap();
    let tables: Vec<_> = effects.all_writes().iter().map(Write::table).collect();
    assert_eq!(tables, ["stock", "stock", "reservations"]);
    let text = json!(effects).to_string();
    assert_eq!(text.matches("out_of_stock").count(), 2);
    assert_eq!(text.matches("already_reserved").count(), 1);
}
