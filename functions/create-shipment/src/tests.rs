use serde_json::json;
use throughline::effects::{Store, Tables};
use throughline::prelude::*;
use throughline_orders::{FulfilOrder, Shipments, testing};

use super::create;

#[tokio::test]
async fn an_order_has_one_shipment() {
    let shipments = State(Shipments::open(Tables::offline()));
    let effects = create(shipments, testing::step(FulfilOrder::sample(), None)).await.unwrap();
    assert_eq!(effects.response(), Some(&json!({ "order_id": "ord_sample", "shipment_id": "shp_sample" })));
    let [write] = effects.all_writes() else { panic!("one write") };
    assert_eq!((write.table(), write.key()), ("shipments", &json!("ord_sample")));
    assert!(json!(write).to_string().contains(r#""Absent":"order_id""#));
}
