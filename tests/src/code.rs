//! The functions of the template, by the names that they have in the code.

use throughline_runtime::Function;

/// The function called `name`, if there is one.
pub fn function(name: &str) -> Option<Function> {
    Some(match name {
        "cancel-order" => cancel_order::function(),
        "cancel-shipment" => cancel_shipment::function(),
        "charge-payment" => charge_payment::function(),
        "complete-order" => complete_order::function(),
        "create-shipment" => create_shipment::function(),
        "get-order" => get_order::function(),
        "notify-customer" => notify_customer::function(),
        "place-order" => place_order::function(),
        "project-order" => project_order::function(),
        "record-changes" => record_changes::function(),
        "record-failure" => record_failure::function(),
        "record-journal" => record_journal::function(),
        "refund-payment" => refund_payment::function(),
        "relay-outbox" => relay_outbox::function(),
        "release-stock" => release_stock::function(),
        "reserve-stock" => reserve_stock::function(),
        "start-fulfilment" => start_fulfilment::function(),
        _ => return None,
    })
}
