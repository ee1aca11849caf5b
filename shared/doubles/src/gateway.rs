//! The payment gateway.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::charges::{Account, Books, Charge, ChargeStatus, Entry};

/// How long `tok_slow` takes.
const SLOW: Duration = Duration::from_millis(300);
/// How long the first answer of `tok_timeout_once` takes: longer than any client waits.
const FOREVER: Duration = Duration::from_secs(30);

/// Trouble for every request, beyond what a card asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Faults {
    /// Every answer takes this long.
    pub latency: Duration,
    /// The part of requests, from 0 to 1, that are answered 503 without effect.
    pub error_rate: f64,
    /// What the choice of them comes from.
    pub seed: u64,
}

impl Default for Faults {
    fn default() -> Self {
        Self { latency: Duration::ZERO, error_rate: 0.0, seed: 0 }
    }
}

/// A payment gateway whose cards decide what it does. Cheap to clone: clones share the books.
#[derive(Debug, Clone)]
pub struct PaymentGateway {
    books: Arc<Mutex<Books>>,
    random: Arc<Mutex<StdRng>>,
    faults: Faults,
    away: Arc<AtomicBool>,
}

impl Default for PaymentGateway {
    fn default() -> Self {
        Self::new(Faults::default())
    }
}

/// A decided answer, and how long it takes to come.
struct Answer {
    status: u16,
    body: Value,
    delay: Duration,
}

impl Answer {
    fn new(status: u16, body: Value) -> Self {
        Self { status, body, delay: Duration::ZERO }
    }

    fn error(status: u16, code: &str, message: &str) -> Self {
        Self::new(status, json!({ "code": code, "message": message }))
    }
}

impl PaymentGateway {
    /// A gateway with empty books.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        let random = Arc::new(Mutex::new(StdRng::seed_from_u64(faults.seed)));
        Self { books: Arc::default(), random, faults, away: Arc::default() }
    }

    /// The charges, in order of their payment ids.
    #[must_use]
    pub fn charges(&self) -> Vec<Charge> {
        self.books().charges.values().cloned().collect()
    }

    /// The charges of one order.
    #[must_use]
    pub fn charges_of(&self, order_id: &str) -> Vec<Charge> {
        self.charges().into_iter().filter(|charge| charge.order_id == order_id).collect()
    }

    /// How often `POST /charges`, `POST /refunds` or `GET /charges` was asked.
    #[must_use]
    pub fn requests(&self, what: &str) -> u32 {
        self.books().requests.get(what).copied().unwrap_or_default()
    }

    /// What is known of one order. Over HTTP it is `GET /books/ORDER`, which no fault touches.
    #[must_use]
    pub fn account_of(&self, order_id: &str) -> Account {
        let asked = self.books().asked.get(order_id).copied().unwrap_or_default();
        Account { charges: self.charges_of(order_id), asked }
    }

    fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request. The effect is there before the wait.
    pub async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let answer = match request.uri().path().strip_prefix("/books/") {
            Some(order) => Answer::new(200, self.account_of(order).to_json()),
            None if self.refuses() => Answer::error(503, "unavailable", "try again"),
            None => self.decide(&request),
        };
        let delay = answer.delay.max(self.faults.latency);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let mut response = Response::new(Bytes::from(answer.body.to_string()));
        *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
        response
    }

    /// From now on, and until told otherwise, it answers 503 to everything.
    pub fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
    }

    fn refuses(&self) -> bool {
        if self.away.load(Ordering::Relaxed) {
            return true;
        }
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        self.faults.error_rate > 0.0 && random.random::<f64>() < self.faults.error_rate
    }

    fn decide(&self, request: &Request<Bytes>) -> Answer {
        let key = request.headers().get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
        let body = serde_json::from_slice::<Value>(request.body());
        let path = request.uri().path();
        match (request.method(), path, body) {
            (&Method::POST, "/charges", Ok(body)) if !key.is_empty() => self.charge(key, body),
            (&Method::POST, "/refunds", Ok(body)) if !key.is_empty() => self.refund(key, body),
            (&Method::POST, "/charges" | "/refunds", Ok(_)) => {
                Answer::error(400, "no_key", "the header Idempotency-Key is missing")
            }
            (&Method::POST, "/charges" | "/refunds", Err(error)) => Answer::error(400, "not_json", &error.to_string()),
            (&Method::GET, path, _) if path.starts_with("/charges/") => {
                self.settle(path.trim_start_matches("/charges/"))
            }
            (method, path, _) => Answer::error(404, "no_such_resource", &format!("{method} {path}")),
        }
    }

    fn charge(&self, key: &str, request: Value) -> Answer {
        let mut books = self.books();
        books.count("POST /charges");
        let order = request.get("order_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        *books.asked.entry(order).or_default() += 1;
        match books.charge_keys.get(key) {
            Some(Entry::Closed) => {
                return Answer::error(409, "key_closed", "this key was settled: nothing is charged under it");
            }
            Some(Entry::Charged { request: before, payment_id }) if *before == request => {
                let charge = books.charges.get(payment_id).map(Charge::body).unwrap_or_default();
                return Answer::new(200, charge);
            }
            Some(Entry::Declined { request: before, body }) if *before == request => {
                return Answer::new(402, body.clone());
            }
            Some(_) => return Answer::error(409, "key_reused", "this key was used with another body"),
            None => {}
        }
        let first = books.try_of(key) == 1;
        match request.get("card").and_then(Value::as_str).unwrap_or_default() {
            "tok_unavailable_once" if first => Answer::error(503, "unavailable", "try again"),
            "tok_ok" | "tok_unavailable_once" => take(&mut books, key, request),
            "tok_slow" => Answer { delay: SLOW, ..take(&mut books, key, request) },
            "tok_timeout_once" => Answer { delay: FOREVER, ..take(&mut books, key, request) },
            "tok_declined" => decline(&mut books, key, request, "card_declined", "the card was declined"),
            _ => decline(&mut books, key, request, "unknown_card", "there is no such card"),
        }
    }

    /// Says what became of a charge; a key under which nothing was charged is closed.
    fn settle(&self, key: &str) -> Answer {
        let mut books = self.books();
        books.count("GET /charges");
        if let Some(Entry::Charged { payment_id, .. }) = books.charge_keys.get(key) {
            return Answer::new(200, books.charges.get(payment_id).map(Charge::body).unwrap_or_default());
        }
        if !books.charge_keys.contains_key(key) {
            books.charge_keys.insert(key.to_owned(), Entry::Closed);
        }
        Answer::error(404, "no_such_charge", "nothing was charged under this key, and nothing will be")
    }

    fn refund(&self, key: &str, request: Value) -> Answer {
        let mut books = self.books();
        books.count("POST /refunds");
        match books.refund_keys.get(key) {
            Some(Entry::Refunded { request: before, body }) if *before == request => {
                return Answer::new(200, body.clone());
            }
            Some(_) => return Answer::error(409, "key_reused", "this key was used with another body"),
            None => {}
        }
        let payment = request.get("payment_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(charge) = books.charges.get_mut(&payment) else {
            return Answer::error(404, "no_such_payment", "there is no such payment");
        };
        charge.status = ChargeStatus::Refunded;
        let body = charge.body();
        books.refund_keys.insert(key.to_owned(), Entry::Refunded { request, body: body.clone() });
        Answer::new(200, body)
    }
}

fn take(books: &mut Books, key: &str, request: Value) -> Answer {
    let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(amount_cents) = request.get("amount_cents").and_then(Value::as_i64) else {
        return Answer::error(400, "no_amount", "`amount_cents` is missing");
    };
    let digest = Sha256::digest(key);
    let id: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let charge = Charge {
        payment_id: format!("pay_{id}"),
        order_id: text("order_id"),
        amount_cents,
        currency: text("currency"),
        status: ChargeStatus::Charged,
    };
    let answer = Answer::new(200, charge.body());
    let entry = Entry::Charged { request, payment_id: charge.payment_id.clone() };
    books.charge_keys.insert(key.to_owned(), entry);
    books.charges.insert(charge.payment_id.clone(), charge);
    answer
}

fn decline(books: &mut Books, key: &str, request: Value, code: &str, message: &str) -> Answer {
    let body = json!({ "code": code, "message": message });
    books.charge_keys.insert(key.to_owned(), Entry::Declined { request, body: body.clone() });
    Answer::new(402, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn post(gateway: &PaymentGateway, path: &str, key: &str, body: Value) -> (u16, Value) {
        let request = Request::post(path).header("Idempotency-Key", key).body(Bytes::from(body.to_string())).unwrap();
        let response = gateway.answer(request).await;
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }

    fn order(card: &str) -> Value {
        json!({ "order_id": "ord_1", "amount_cents": 2500, "currency": "EUR", "card": card })
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_key_charges_once_and_another_body_is_refused() {
        let gateway = PaymentGateway::default();
        let (status, first) = post(&gateway, "/charges", "k", order("tok_ok")).await;
        assert_eq!((status, &first["status"]), (200, &json!("charged")));
        assert_eq!(post(&gateway, "/charges", "k", order("tok_ok")).await, (200, first));
        assert_eq!(post(&gateway, "/charges", "k", order("tok_slow")).await.0, 409);
        assert_eq!(gateway.charges().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_took_effect_and_the_retry_is_told_so() {
        let gateway = PaymentGateway::default();
        let answer = post(&gateway, "/charges", "k", order("tok_timeout_once"));
        assert!(tokio::time::timeout(Duration::from_secs(3), answer).await.is_err());
        assert_eq!(gateway.charges().len(), 1);
        assert_eq!(post(&gateway, "/charges", "k", order("tok_timeout_once")).await.0, 200);
        assert_eq!(gateway.charges().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn settling_an_unused_key_closes_it() {
        let gateway = PaymentGateway::default();
        let ask = Request::get("/charges/k").body(Bytes::new()).unwrap();
        assert_eq!(gateway.answer(ask).await.status(), 404);
        let (status, body) = post(&gateway, "/charges", "k", order("tok_ok")).await;
        assert_eq!((status, &body["code"]), (409, &json!("key_closed")));
        assert!(gateway.charges().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn the_error_rate_comes_from_its_seed() {
        let run = |seed| async move {
            let gateway = PaymentGateway::new(Faults { error_rate: 0.5, seed, ..Faults::default() });
            let mut statuses = Vec::new();
            for index in 0..20 {
                statuses.push(post(&gateway, "/charges", &format!("k{index}"), order("tok_ok")).await.0);
            }
            statuses
        };
        let one = run(1).await;
        assert_eq!(one, run(1).await);
        assert!(one.contains(&200) && one.contains(&503));
    }
}
