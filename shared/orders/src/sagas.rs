//! The order workflow's sagas.

use throughline::saga::{InvalidSaga, Retry, Saga, Step};

use crate::{FulfilOrder, PaymentCharged};

/// Fulfils an order: reserve, charge, ship, complete.
///
/// # Errors
/// None: a test builds it.
pub fn fulfil_order() -> Result<Saga, InvalidSaga> {
    Saga::of::<FulfilOrder>("fulfil-order")
        .about("Fulfils an order, or undoes what was done.")
        .step(Step::new("reserve-stock").about("Takes the order's lines out of stock.").undone_by("release-stock"))
        .step(
            Step::new("charge-payment")
                .about("Charges the customer's card through the payment gateway.")
                .outputs::<PaymentCharged>()
                .undone_by("refund-payment"),
        )
        .step(Step::new("create-shipment").about("Hands the order to the carrier.").undone_by("cancel-shipment"))
        .pivot(
            Step::new("complete-order")
                .about(
                    "Marks the order completed and tells everyone. Only its refusal turns the saga back: as long as it is \
                     open whether the order was completed, it is tried again.",
                )
                .retry(Retry::UNTIL_TIMEOUT),
        )
        .closed_by(Step::new("cancel-order").about("Marks the order cancelled, with the reason, and tells everyone."))
        .ends("OrderCompleted", "OrderCancelled")
        .build()
}

/// Every saga of the order workflow.
///
/// # Errors
/// None: a test builds them.
pub fn all() -> Result<Vec<Saga>, InvalidSaga> {
    Ok(vec![fulfil_order()?])
}
