//! `orders.payment.charged`: what charging an order's card answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use throughline::contracts::{Contract, Kind};

use super::{OWNER, OrderId};

/// The payment with which an order was charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentCharged {
    /// The order.
    pub order_id: OrderId,
    /// The payment gateway's id for the payment.
    #[schemars(length(min = 1))]
    pub payment_id: String,
}

impl Contract for PaymentCharged {
    const TYPE: &'static str = "orders.payment.charged";
    const VERSION: u32 = 1;
    const OWNER: &'static str = OWNER;
    const DESCRIPTION: &'static str = "What the step charge-payment answers: the payment that a refund gives back.";
    const KIND: Kind = Kind::Output;
    const SUBJECT: Option<&'static str> = Some("/order_id");

    fn sample() -> Self {
        Self { order_id: "ord_sample".into(), payment_id: "pay_sample".to_owned() }
    }
}
