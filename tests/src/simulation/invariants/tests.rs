//! Every invariant, held against a shop in order and against one in which just what it is about is broken.

use serde_json::{Value, json};
use throughline_doubles::{Charge, ChargeStatus};
use throughline_simulation::workflow::{Began, Broken, View};
use throughline_telemetry::{JournalLine, Stage};

use super::{events, failures, money, sagas, stock, views};

/// Two orders: the first is completed, the second, whose card was declined after it had reserved, cancelled.
fn shop() -> View {
    let order = |id: &str, status: &str| json!({ "order_id": id, "status": status, "total_cents": 1300 });
    let line = json!([{ "sku": "tea-green-100", "quantity": 2 }]);
    let stock =
        |sku: &str, available: u64, reserved: u64| json!({ "sku": sku, "available": available, "reserved": reserved });
    let event = |id: &str, kind: &str, order: &str, sequence: u32| {
        json!({
            "kind": "event", "event_id": id, "event_type": format!("orders.order.{kind}"), "subject": order, "pk": order,
            "sk": format!("{sequence:020}#{id}"),
        })
    };
    let view = View::default()
        .with_rows("orders", vec![order("ord_wf000000", "completed"), order("ord_wf000001", "cancelled")])
        .with_rows(
            "stock",
            vec![
                stock("tea-green-100", 99_998, 2),
                stock("tea-black-250", 100_000, 0),
                stock("cup-porcelain", 60, 0),
                stock("kettle-copper", 8, 0),
            ],
        )
        .with_rows(
            "reservations",
            vec![
                json!({ "order_id": "ord_wf000000", "status": "reserved", "lines": line }),
                json!({ "order_id": "ord_wf000001", "status": "released", "lines": line }),
            ],
        )
        .with_rows("shipments", vec![json!({ "order_id": "ord_wf000000", "status": "created" })])
        .with_rows(
            "events",
            vec![
                event("evt_1", "placed", "ord_wf000000", 1),
                event("evt_2", "completed", "ord_wf000000", 2),
                event("evt_3", "placed", "ord_wf000001", 1),
                event("evt_4", "cancelled", "ord_wf000001", 2),
            ],
        )
        .with_rows("order-views", vec![told("ord_wf000000", "completed"), told("ord_wf000001", "cancelled")])
        .with_rows("notifications", vec![json!({ "order_id": "ord_wf000000" }), json!({ "order_id": "ord_wf000001" })])
        .with_saga("wf000000", "SUCCEEDED", "OrderCompleted")
        .with_saga("wf000001", "SUCCEEDED", "OrderCancelled")
        .with_began(0, Began::Accepted(Value::Null))
        .with_began(1, Began::Unknown)
        .with_queue("notify-customer", 0);
    let handled = [
        ("evt_1", "start-fulfilment", 1),
        ("evt_1", "project-order", 1),
        ("evt_2", "notify-customer", 2),
        ("evt_2", "project-order", 2),
        ("evt_3", "start-fulfilment", 1),
        ("evt_3", "project-order", 1),
        ("evt_4", "notify-customer", 2),
        ("evt_4", "project-order", 2),
    ];
    handled
        .into_iter()
        .fold(view, |view, (event, function, sequence)| view.with_line(line_of(event, function, sequence)))
}

fn told(order: &str, end: &str) -> Value {
    json!({ "order_id": order, "history": [{ "sequence": 1, "status": "placed" }, { "sequence": 2, "status": end }] })
}

fn line_of(event: &str, function: &str, sequence: u64) -> JournalLine {
    let order = if ["evt_1", "evt_2"].contains(&event) { "ord_wf000000" } else { "ord_wf000001" };
    JournalLine {
        stage: Stage::Handled,
        function: function.to_owned(),
        event_id: Some(event.to_owned()),
        partition_key: Some(order.to_owned()),
        sequence: Some(sequence),
        ..JournalLine::default()
    }
}

fn charge(order: &str, status: ChargeStatus) -> Charge {
    let (payment_id, order_id, currency) = (format!("pay_{order}"), order.to_owned(), "EUR".to_owned());
    Charge { payment_id, order_id, amount_cents: 1300, currency, status }
}

fn charges() -> Vec<Charge> {
    vec![charge("ord_wf000000", ChargeStatus::Charged), charge("ord_wf000001", ChargeStatus::Refunded)]
}

/// A dead letter of `function` about the first order.
fn letter(function: &str, code: &str) -> Value {
    json!({ "function": function, "code": code, "cause": "because", "correlation_id": "cor_1", "subject": "ord_wf000000", "body": "" })
}

/// It is broken, and what was found says so.
fn broken(result: Result<(), Broken>, says: &str) {
    let found = result.expect_err("nothing was found").to_string();
    assert!(found.contains(says), "{found}");
}

#[test]
fn a_shop_in_order_breaks_nothing() {
    let view = shop();
    assert_eq!(money::charged_once(&view, &charges()), Ok(()));
    let all = [
        stock::conserved,
        stock::held_as_needed,
        sagas::final_states,
        events::final_outcomes,
        events::nothing_unsent,
        events::in_order,
        events::taken,
        views::fold,
        views::told_once,
        failures::have_reasons,
    ];
    for check in all {
        assert_eq!(check(&view), Ok(()));
    }
}

#[test]
fn money_that_is_missing_kept_or_taken_twice_is_found() {
    let (view, charged) = (shop(), charge("ord_wf000000", ChargeStatus::Charged));
    broken(money::charged_once(&view, &[]), "ord_wf000000 is completed and costs 1300 cents; charges: []");
    let twice = [charged.clone(), Charge { payment_id: "pay_2".to_owned(), ..charged.clone() }];
    broken(money::charged_once(&view, &twice), "ord_wf000000");
    broken(money::charged_once(&view, &[Charge { amount_cents: 1, ..charged.clone() }]), "ord_wf000000");
    let kept = [charged.clone(), charge("ord_wf000001", ChargeStatus::Charged)];
    broken(money::charged_once(&view, &kept), "ord_wf000001 is cancelled");
    let nobodys = [charged, charge("ord_wf000009", ChargeStatus::Refunded)];
    broken(money::charged_once(&view, &nobodys), "ord_wf000009 was charged, and there is no such order");
}

#[test]
fn a_placed_order_keeps_money_only_while_its_saga_needs_attention() {
    let placed = json!({ "order_id": "ord_wf000000", "status": "placed", "total_cents": 1300 });
    let view = View::default().with_rows("orders", vec![placed]);
    let charges = [charge("ord_wf000000", ChargeStatus::Charged)];
    broken(money::charged_once(&view, &charges), "ord_wf000000 is placed");
    let view = view.with_saga("wf000000", "FAILED", "RefundPayment");
    assert_eq!(money::charged_once(&view, &charges), Ok(()));
}

#[test]
fn stock_that_is_lost_or_held_by_nobody_is_found() {
    let article =
        |available: i64, reserved: i64| json!({ "sku": "tea-green-100", "available": available, "reserved": reserved });
    let with = |row: Value| {
        let mut rows = shop().rows("stock").to_vec();
        rows[0] = row;
        stock::conserved(&shop().with_rows("stock", rows))
    };
    broken(with(article(99_997, 2)), "tea-green-100: of 100000, 99997 are available and 2 reserved; orders hold 2");
    broken(with(article(99_996, 4)), "orders hold 2");
    broken(with(article(100_002, -2)), "tea-green-100");
}

#[test]
fn an_order_that_holds_too_much_or_too_little_is_found() {
    broken(stock::held_as_needed(&shop().with_rows("shipments", Vec::new())), "ord_wf000000 is completed");
    let shipped = vec![
        json!({ "order_id": "ord_wf000000", "status": "created" }),
        json!({ "order_id": "ord_wf000001", "status": "created" }),
    ];
    broken(stock::held_as_needed(&shop().with_rows("shipments", shipped)), "ord_wf000001 is cancelled");
}

#[test]
fn a_saga_without_a_final_state_is_found() {
    broken(
        sagas::final_states(&shop().with_saga("wf000002", "RUNNING", "ChargePayment")),
        "is RUNNING in ChargePayment",
    );
    broken(sagas::final_states(&shop().with_saga("wf000002", "FAILED", "ChargePayment")), "is FAILED in ChargePayment");
    broken(
        sagas::final_states(&shop().with_saga("wf000000", "SUCCEEDED", "OrderCompleted")),
        "ord_wf000000 is completed",
    );
    let mut orders = shop().rows("orders").to_vec();
    orders[1]["status"] = "completed".into();
    broken(sagas::final_states(&shop().with_rows("orders", orders.clone())), "ord_wf000001 is completed");
    orders[1] = json!({ "order_id": "ord_wf000003", "status": "placed" });
    broken(sagas::final_states(&shop().with_rows("orders", orders)), "ord_wf000003 is placed; its sagas ended in []");
}

#[test]
fn an_order_without_a_saga_is_excused_by_a_dead_letter_of_its_event() {
    let orders = vec![json!({ "order_id": "ord_wf000000", "status": "placed" })];
    let view = View::default().with_rows("orders", orders);
    broken(sagas::final_states(&view), "ord_wf000000");
    let parked = view.clone().with_rows("failures", vec![letter("notify-customer", "gap")]);
    broken(sagas::final_states(&parked), "ord_wf000000");
    assert_eq!(sagas::final_states(&view.with_rows("failures", vec![letter("start-fulfilment", "storage")])), Ok(()));
}

#[test]
fn an_event_that_nobody_took_is_found() {
    let mut rows = shop().rows("events").to_vec();
    rows[0]["event_id"] = "evt_9".into();
    let view = shop().with_rows("events", rows);
    broken(
        events::final_outcomes(&view),
        "orders.order.placed evt_9 of ord_wf000000 was neither handled by start-fulfilment",
    );
    let parked = view.with_rows("failures", vec![letter("start-fulfilment", "storage")]);
    broken(events::final_outcomes(&parked), "neither handled by project-order nor parked");
}

#[test]
fn an_unsent_row_is_found() {
    let mut rows = shop().rows("events").to_vec();
    rows[1]["unsent"] = rows[1]["sk"].clone();
    broken(events::nothing_unsent(&shop().with_rows("events", rows)), "evt_2");
}

#[test]
fn events_that_are_handled_out_of_order_or_twice_are_found() {
    broken(
        events::in_order(&shop().with_line(line_of("evt_1", "project-order", 1))),
        "handled 1 of ord_wf000000 after 2",
    );
    broken(
        events::in_order(&shop().with_line(line_of("evt_2", "project-order", 4))),
        "handled 4 of ord_wf000000 after 2",
    );
    let duplicate = |sequence| JournalLine { stage: Stage::Duplicate, ..line_of("evt_2", "project-order", sequence) };
    let again = shop().with_line(duplicate(1)).with_line(duplicate(4));
    broken(
        events::in_order(&again.with_line(line_of("evt_2", "project-order", 5))),
        "handled 5 of ord_wf000000 after 2",
    );
}

#[test]
fn an_event_may_be_handled_by_a_process_that_died_before_it_said_so() {
    let duplicate = JournalLine { stage: Stage::Duplicate, ..line_of("evt_2", "project-order", 3) };
    let view = shop().with_line(duplicate).with_line(line_of("evt_2", "project-order", 4));
    assert_eq!(events::in_order(&view), Ok(()));
}

#[test]
fn an_order_that_the_client_knows_otherwise_is_found() {
    broken(events::taken(&shop().with_began(2, Began::Accepted(Value::Null))), "the order is there: false");
    broken(
        events::taken(&shop().with_began(0, Began::Refused("total_mismatch".to_owned()))),
        "the order is there: true",
    );
}

#[test]
fn a_view_that_tells_something_else_is_found() {
    let with = |view: Value| shop().with_rows("order-views", vec![view, told("ord_wf000001", "cancelled")]);
    let short = json!({ "order_id": "ord_wf000000", "history": [{ "sequence": 1, "status": "placed" }] });
    broken(views::fold(&with(told("ord_wf000000", "cancelled"))), "the view of ord_wf000000");
    broken(views::fold(&with(short.clone())), "the view of ord_wf000000");
    let parked = vec![letter("project-order", "gap")];
    assert_eq!(views::fold(&with(short).with_rows("failures", parked.clone())), Ok(()));
    broken(views::fold(&with(told("ord_wf000000", "cancelled")).with_rows("failures", parked)), "ord_wf000000");
}

#[test]
fn a_customer_who_is_told_nothing_or_twice_is_found() {
    let row = |order: &str| json!({ "order_id": order });
    broken(views::told_once(&shop().with_rows("notifications", vec![row("ord_wf000001")])), "was told 0 times");
    let twice = vec![row("ord_wf000000"), row("ord_wf000000"), row("ord_wf000001")];
    broken(views::told_once(&shop().with_rows("notifications", twice)), "was told 2 times");
    let parked = vec![letter("notify-customer", "storage")];
    let view = shop().with_rows("notifications", vec![row("ord_wf000001")]).with_rows("failures", parked);
    assert_eq!(views::told_once(&view), Ok(()));
}

#[test]
fn a_dead_letter_without_a_reason_is_found() {
    assert_eq!(failures::have_reasons(&shop().with_rows("failures", vec![letter("notify-customer", "gap")])), Ok(()));
    broken(
        failures::have_reasons(&shop().with_rows("failures", vec![letter("notify-customer", "")])),
        "without a reason",
    );
    broken(failures::have_reasons(&shop().with_rows("failures", vec![letter("unknown", "gap")])), "without a reason");
    let mut nameless = letter("notify-customer", "gap");
    nameless["correlation_id"] = Value::Null;
    broken(failures::have_reasons(&shop().with_rows("failures", vec![nameless])), "without a reason");
    broken(failures::have_reasons(&shop().with_queue("last-resort", 1)), "last-resort holds 1 messages");
}

#[test]
fn while_orders_are_under_way_what_is_not_done_yet_is_no_finding() {
    let order = json!({ "order_id": "ord_wf000000", "status": "placed", "total_cents": 1300 });
    let view = shop().with_rows("orders", vec![order]);
    let open = view.clone().with_rows("notifications", vec![]).with_rows("order-views", vec![]);
    assert_eq!(money::never_twice(&open, &[charge("ord_wf000000", ChargeStatus::Charged)]), Ok(()));
    assert_eq!(money::never_twice(&open, &[charge("ord_wf000000", ChargeStatus::Refunded)]), Ok(()));
    assert_eq!(views::never_ahead(&open, &views::Seen::default()), Ok(()));
    assert_eq!(views::never_told_twice(&open), Ok(()));
    broken(views::never_told_twice(&view), "ord_wf000000 is placed; its customer was told 1 times");
    let dearer = Charge { amount_cents: 1301, ..charge("ord_wf000000", ChargeStatus::Charged) };
    broken(money::never_twice(&open, &[dearer]), "ord_wf000000 is placed and costs 1300 cents");
    let closed = shop();
    broken(money::never_twice(&closed, &[charge("ord_wf000000", ChargeStatus::Refunded)]), "ord_wf000000 is completed");
}

#[test]
fn a_view_that_is_ahead_of_its_events_or_goes_back_is_found() {
    let (view, seen) = (shop(), views::Seen::default());
    let placed = json!({ "order_id": "ord_wf000000", "history": [{ "sequence": 1, "status": "placed" }] });
    let early = view.clone().with_rows("order-views", vec![placed.clone()]);
    assert_eq!(views::never_ahead(&early, &seen), Ok(()));
    assert_eq!(views::never_ahead(&view, &seen), Ok(()));
    broken(views::never_ahead(&early, &seen), "the view of ord_wf000000 told of 2 events before");
    let only_placed = view.rows("events")[..1].to_vec();
    let ahead = view.with_rows("events", only_placed);
    broken(views::never_ahead(&ahead, &views::Seen::default()), "String(\"placed\")]]) so far");
}
