//! The payment gateway: the outside party that takes the money and gives it back.
//!
//! # Its HTTP contract
//!
//! `PAYMENT_GATEWAY_URL` is the base. Bodies are JSON. A *key* is at most 80 of `[0-9A-Za-z_-]`; here it is the saga's id, so an
//! order that is fulfilled has one charge, however often the step is retried.
//!
//! **`POST /charges`** with the header `Idempotency-Key: <key>` charges a card.
//!
//! ```json
//! { "order_id": "ord_1", "amount_cents": 2500, "currency": "EUR", "card": "tok_ok" }
//! ```
//!
//! | status | body | |
//! |---|---|---|
//! | 200 | `{"payment_id": "pay_…", "status": "charged", "amount_cents": 2500, "currency": "EUR"}` | charged now, or before under this key with the same body: the same payment |
//! | 402 | `{"code": "card_declined", "message": "…"}` | never charged; the same answer for this key from now on |
//! | 409 | `{"code": "key_reused", "message": "…"}` | this key was used with another body |
//! | 409 | `{"code": "key_closed", "message": "…"}` | this key was settled before anything was charged under it |
//! | 429, 5xx | | not decided; try again with the same key |
//!
//! **`GET /charges/<key>`** settles what became of a charge whose answer was lost.
//!
//! | status | body | |
//! |---|---|---|
//! | 200 | as above; `status` is `charged` or `refunded` | it was charged |
//! | 404 | `{"code": "no_such_charge", "message": "…"}` | nothing was charged under this key (never asked for, or declined), and nothing will be: **the key is closed**, a request that is still on its way is refused as `key_closed` |
//!
//! **`POST /refunds`** with the header `Idempotency-Key: <key>` (refunds have keys of their own; we use the charge's) gives a
//! payment back, all of it.
//!
//! ```json
//! { "order_id": "ord_1", "payment_id": "pay_…", "amount_cents": 2500, "currency": "EUR" }
//! ```
//!
//! | status | body | |
//! |---|---|---|
//! | 200 | `{"payment_id": "pay_…", "status": "refunded", "amount_cents": 2500, "currency": "EUR"}` | given back now, or before |
//! | 404 | `{"code": "no_such_payment", "message": "…"}` | there is no such payment |
//! | 409 | `{"code": "key_reused", "message": "…"}` | this key was used with another body |
//! | 429, 5xx | | not decided; try again with the same key |
//!
//! # Cards of the test gateway
//!
//! | card | |
//! |---|---|
//! | `tok_ok` | charged at once |
//! | `tok_declined` | 402 `card_declined` |
//! | `tok_slow` | charged; the answer takes 300 ms |
//! | `tok_timeout_once` | the first request of a key is charged but not answered within [`TIMEOUT`]; the next one is answered 200 with that payment |
//! | `tok_unavailable_once` | the first request of a key is answered 503 and charges nothing; the next one is charged |
//! | any other | 402 `unknown_card` |

mod client;

pub use client::{Charge, GatewayUrl, PaymentGateway};

use std::time::Duration;

/// How long an answer is waited for: 3 seconds.
pub const TIMEOUT: Duration = Duration::from_secs(3);
