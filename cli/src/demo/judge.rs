//! Whether a story ended as it must: by the tables, the queues and the payment gateway's books, not by what was printed.

use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::QueueAttributeName;
use serde::Serialize;
use serde_json::Value;
use throughline_doubles::ChargeStatus;

use super::place::Place;
use super::stock;
use super::stories::{End, Story};
use crate::aws::Aws;
use crate::error::CliError;
use crate::trace;

/// One thing that has to hold.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    what: String,
    expected: String,
    found: String,
    pub(super) ok: bool,
}

impl Check {
    pub(super) fn new(what: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) -> Self {
        let (expected, found) = (expected.into(), found.into());
        Self { what: what.into(), ok: expected == found, expected, found }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.ok { "✓" } else { "✗" };
        write!(f, "{mark} {}: expected {}, found {}", self.what, self.expected, self.found)
    }
}

type Item = HashMap<String, AttributeValue>;

/// Checks what the story left behind. `id` is what it is followed by.
pub(super) async fn judge(place: &Place<'_>, story: &Story, id: &str) -> Result<Vec<Check>, CliError> {
    let aws = &place.aws;
    let mut checks = match story.end {
        End::Parked { class } => parked(aws, id, class).await?,
        End::Completed { duplicates } => {
            let mut checks = completed(place, &Order::of(place, story)?).await?;
            checks.push(Check::new(
                "duplicates in the journal",
                duplicates.to_string(),
                self::duplicates(aws, id).await?.to_string(),
            ));
            checks
        }
        End::Cancelled { reason } => cancelled(place, &Order::of(place, story)?, reason).await?,
    };
    checks.extend(stock::adds_up(place).await?);
    for queue in ["start-fulfilment", "notify-customer", "project-order.fifo"] {
        checks.push(Check::new(format!("messages left in {queue}"), "0", depth(aws, queue).await?.to_string()));
    }
    Ok(checks)
}

/// What the sample says of its order.
struct Order {
    id: String,
    total_cents: i64,
}

impl Order {
    fn of(place: &Place<'_>, story: &Story) -> Result<Self, CliError> {
        let sample: Value = serde_json::from_str(&place.sample(story)?).unwrap_or_default();
        let data = sample.get("data").cloned().unwrap_or_default();
        let id = data.get("order_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { id, total_cents: data.get("total_cents").and_then(Value::as_i64).unwrap_or_default() })
    }
}

async fn completed(place: &Place<'_>, order: &Order) -> Result<Vec<Check>, CliError> {
    let aws = &place.aws;
    let charges = place.account_of(&order.id).await?.charges;
    let taken: Vec<String> =
        charges.iter().filter(|c| c.status == ChargeStatus::Charged).map(|c| c.amount_cents.to_string()).collect();
    Ok(vec![
        status(aws, "orders", &order.id, "completed").await?,
        status(aws, "order-views", &order.id, "completed").await?,
        status(aws, "reservations", &order.id, "reserved").await?,
        status(aws, "payments", &order.id, "charged").await?,
        status(aws, "shipments", &order.id, "created").await?,
        Check::new("charged by the gateway", order.total_cents.to_string(), taken.join(", ")),
        told(aws, &order.id, "orders.order.completed").await?,
    ])
}

async fn cancelled(place: &Place<'_>, order: &Order, reason: &str) -> Result<Vec<Check>, CliError> {
    let aws = &place.aws;
    let reservation = field(aws, "reservations", "order_id", &order.id, "status").await?;
    let charges = place.account_of(&order.id).await?.charges;
    let held = charges.iter().filter(|c| c.status == ChargeStatus::Charged).count();
    let shipment = field(aws, "shipments", "order_id", &order.id, "status").await?;
    Ok(vec![
        status(aws, "orders", &order.id, "cancelled").await?,
        status(aws, "order-views", &order.id, "cancelled").await?,
        Check::new("reason", reason, field(aws, "orders", "order_id", &order.id, "reason").await?),
        Check::new("stock held", "no", if reservation == "reserved" { "yes" } else { "no" }),
        Check::new("charges held by the gateway", "0", held.to_string()),
        Check::new("shipment under way", "no", if shipment == "created" { "yes" } else { "no" }),
        told(aws, &order.id, "orders.order.cancelled").await?,
    ])
}

async fn parked(aws: &Aws, message_id: &str, class: &str) -> Result<Vec<Check>, CliError> {
    let open =
        trace::reader(aws).open_failures().await.map_err(|e| CliError::aws("failed to read the failures", &e))?;
    let found = open.iter().find(|failure| failure.message_id.as_deref() == Some(message_id));
    let found_class = found.and_then(|failure| serde_json::to_value(failure.class).ok());
    let found_class = found_class.as_ref().and_then(Value::as_str).unwrap_or("nothing");
    let reason = found.is_some_and(|failure| !failure.code.is_empty() && !failure.cause.is_empty());
    Ok(vec![
        Check::new("in failures, of class", class, found_class),
        Check::new("with its reason", "yes", if reason { "yes" } else { "no" }),
    ])
}

async fn duplicates(aws: &Aws, correlation_id: &str) -> Result<usize, CliError> {
    let life = trace::reader(aws)
        .life_cycle(correlation_id)
        .await
        .map_err(|e| CliError::aws("failed to read the journal", &e))?;
    Ok(life.roots.iter().flat_map(|root| &root.runs).map(throughline_journal::Run::duplicates).sum())
}

/// The number of messages in a queue of the stack, by its short name.
async fn depth(aws: &Aws, queue: &str) -> Result<u64, CliError> {
    let failed =
        |error: &dyn std::error::Error| CliError::aws(&format!("failed to count the messages of {queue}"), error);
    let url = aws.sqs().get_queue_url().queue_name(aws.name(queue)).send().await.map_err(|error| failed(&error))?;
    let counts =
        [QueueAttributeName::ApproximateNumberOfMessages, QueueAttributeName::ApproximateNumberOfMessagesNotVisible];
    let asked = aws.sqs().get_queue_attributes().set_queue_url(url.queue_url).set_attribute_names(Some(counts.into()));
    let answer = asked.send().await.map_err(|error| failed(&error))?;
    let counts = answer.attributes().into_iter().flat_map(HashMap::values);
    Ok(counts.filter_map(|count| count.parse::<u64>().ok()).sum())
}

async fn status(aws: &Aws, table: &str, order: &str, expected: &str) -> Result<Check, CliError> {
    Ok(Check::new(format!("{table}/{order}"), expected, field(aws, table, "order_id", order, "status").await?))
}

async fn told(aws: &Aws, order: &str, event_type: &str) -> Result<Check, CliError> {
    let id = format!("{order}#{event_type}");
    let customer = field(aws, "notifications", "notification_id", &id, "order_id").await?;
    Ok(Check::new("the customer was told", order, customer))
}

/// A text attribute of a row; `nothing` when the row or the attribute is not there.
async fn field(aws: &Aws, table: &str, key: &str, value: &str, name: &str) -> Result<String, CliError> {
    let request = aws.dynamodb().get_item().table_name(aws.name(table)).consistent_read(true);
    let answer = request.key(key, AttributeValue::S(value.to_owned())).send().await;
    let item: Item =
        answer.map_err(|e| CliError::aws(&format!("failed to read {table}"), &e))?.item.unwrap_or_default();
    Ok(item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_else(|| "nothing".to_owned()))
}
