//! Our side of the gateway's contract.

use serde::{Deserialize, Serialize};
use serde_json::json;
use throughline::effects::{Breaker, Circuit, Failure, Once, Outside, Reply, World};
use throughline::envelope::SagaId;
use throughline::runtime::{CallContext, Description, FromCall, FromSetting, Setting};

use super::TIMEOUT;
use crate::FulfilOrder;

/// A payment as the gateway tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The gateway's id for it.
    pub payment_id: String,
    /// `charged` or `refunded`.
    pub status: String,
}

/// What breakers know the gateway as.
const PAYMENTS: &str = "payments";

/// The payment gateway, as a handler's argument. Acts through `once`, and hands the gateway the same key. A function that asks for it
/// should declare [`PaymentGateway::breaker`].
#[derive(Debug, Clone)]
pub struct PaymentGateway {
    url: GatewayUrl,
    circuit: Circuit,
    once: Once,
    outside: Outside,
}

/// The gateway's base URL, without a slash at its end.
#[derive(Debug, Clone)]
pub struct GatewayUrl(String);

/// What the gateway says when it refuses.
#[derive(Default, Deserialize)]
struct Refusal {
    code: Option<String>,
    message: Option<String>,
}

impl PaymentGateway {
    /// The rule by which it is left alone while it does not answer: the same for every function that calls it.
    pub fn breaker() -> Breaker {
        Breaker::on(PAYMENTS)
    }

    /// Charges for an order, once for each saga.
    ///
    /// # Errors
    /// For good: `card_declined` and what else the gateway says with 402, 409 or another 4xx. Transient: 429, 5xx, no answer; and `circuit_open`
    /// where that was so too often.
    pub async fn charge(&self, saga: &SagaId, order: &FulfilOrder) -> Result<Charge, Failure> {
        let body = json!({
            "order_id": order.order_id, "amount_cents": order.amount_cents, "currency": order.currency, "card": order.card,
        });
        self.once.call(&format!("charge|{saga}"), |_| self.post("charges", saga, &body)).await
    }

    /// What became of the saga's charge. When nothing was charged, nothing will be from now on: the gateway closes the key.
    ///
    /// # Errors
    /// As [`charge`](Self::charge).
    pub async fn settle(&self, saga: &SagaId) -> Result<Option<Charge>, Failure> {
        let settled = async {
            let reply = self.outside.get(&format!("{}/charges/{saga}", self.url.0)).await?;
            if reply.status == 404 { Ok(None) } else { accepted(&reply).map(Some) }
        };
        self.circuit.call(settled).await
    }

    /// Gives a payment back, once for each saga.
    ///
    /// # Errors
    /// As [`charge`](Self::charge).
    pub async fn refund(&self, saga: &SagaId, order: &FulfilOrder, payment_id: &str) -> Result<Charge, Failure> {
        let body = json!({
            "order_id": order.order_id, "payment_id": payment_id, "amount_cents": order.amount_cents,
            "currency": order.currency,
        });
        self.once.call(&format!("refund|{saga}"), |_| self.post("refunds", saga, &body)).await
    }

    async fn post(&self, path: &str, key: &SagaId, body: &serde_json::Value) -> Result<Charge, Failure> {
        let headers = [("idempotency-key", key.as_str())];
        accepted(&self.outside.post(&format!("{}/{path}", self.url.0), &headers, body).await?)
    }
}

/// A payment, or the failure that the status stands for.
fn accepted(reply: &Reply) -> Result<Charge, Failure> {
    if reply.status == 200 {
        return reply.json();
    }
    // A refusal from something in between need not be JSON.
    let Refusal { code, message } = reply.json().unwrap_or_default();
    let cause = message.unwrap_or_else(|| format!("the payment gateway answered {}", reply.status));
    Err(match reply.status {
        429 | 500.. => Failure::transient(code.unwrap_or_else(|| "gateway_unavailable".to_owned()), cause),
        402 => Failure::permanent(code.unwrap_or_else(|| "card_declined".to_owned()), cause),
        _ => Failure::permanent(code.unwrap_or_else(|| "gateway_refused".to_owned()), cause),
    })
}

impl FromSetting for GatewayUrl {
    const VARIABLE: &'static str = "PAYMENT_GATEWAY_URL";

    fn from_setting(text: &str) -> Result<Self, String> {
        if !text.starts_with("http://") && !text.starts_with("https://") {
            return Err("it should begin with http:// or https://".to_owned());
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

impl FromCall for PaymentGateway {
    fn from_call(world: &World, call: &CallContext) -> Result<Self, Failure> {
        let Setting(url) = Setting::from_call(world, call)?;
        let outside = Outside::from_call(world, call)?.timeout(TIMEOUT);
        let circuit = call.circuit(world, PAYMENTS);
        Ok(Self { url, once: Once::from_call(world, call)?.behind(&circuit), circuit, outside })
    }

    fn describe(description: &mut Description) {
        Setting::<GatewayUrl>::describe(description);
        Once::describe(description);
        Outside::describe(description);
    }
}

#[cfg(test)]
mod tests {
    use throughline::effects::{Class, Reply};
    use throughline::runtime::FromSetting;

    use super::{GatewayUrl, accepted};

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, body: body.as_bytes().to_vec() }
    }

    fn failure(status: u16, body: &str) -> (String, bool) {
        let failure = accepted(&reply(status, body)).unwrap_err();
        (failure.code().to_owned(), matches!(failure.class(), Class::Transient { .. }))
    }

    #[test]
    fn a_payment_is_read() {
        let charge = accepted(&reply(200, r#"{"payment_id":"pay_1","status":"charged","currency":"EUR"}"#)).unwrap();
        assert_eq!((charge.payment_id.as_str(), charge.status.as_str()), ("pay_1", "charged"));
    }

    #[test]
    fn every_refusal_has_its_class() {
        assert_eq!(failure(402, r#"{"code":"card_declined","message":"no"}"#), ("card_declined".to_owned(), false));
        assert_eq!(failure(402, ""), ("card_declined".to_owned(), false));
        assert_eq!(failure(409, r#"{"code":"key_reused"}"#), ("key_reused".to_owned(), false));
        assert_eq!(failure(400, "<html>"), ("gateway_refused".to_owned(), false));
        assert_eq!(failure(429, ""), ("gateway_unavailable".to_owned(), true));
        assert_eq!(failure(503, r#"{"code":"maintenance"}"#), ("maintenance".to_owned(), true));
        assert_eq!(failure(200, "<html>"), ("unreadable_reply".to_owned(), true));
    }

    #[test]
    fn the_address_is_a_url() {
        assert_eq!(GatewayUrl::from_setting("http://localhost:1/").unwrap().0, "http://localhost:1");
        assert!(GatewayUrl::from_setting("localhost").is_err());
    }
}
