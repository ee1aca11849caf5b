//! Rows that a service refuses for good: they leave the outbox for the failures inbox, with their reason.
//!
//! ```text
//!   relay ─ refused 1 … 4: counted on the row         5: dead-letter queue ─▶ the row is not unsent any more
//!                                                        └ crash in between: the same letter again, one failure
//!   redrive ─▶ the row is unsent again ─▶ the next relay sends it, or counts anew
//! ```

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use aws_sdk_sqs::types::MessageAttributeValue;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::publisher::KEPT_SECONDS;
use super::row::{Row, shard, sortable};
use crate::failure::{Failure, FailureExt};
use crate::world::World;

/// Refusals after which a row is parked: one with each run of the relay. A state machine, a queue or a right that is missing may be
/// a deployment that is under way.
const REFUSALS: u32 = 5;

/// Codes with which trying again cannot help: of
/// [an entry of `PutEvents`](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html), of
/// [`StartExecution`](https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html), of
/// [`SendMessage`](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html), and of all services.
const FOR_GOOD: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AWS.SimpleQueueService.NonExistentQueue",
    "InvalidAccountIdException",
    "InvalidArgument",
    "InvalidArn",
    "InvalidExecutionInput",
    "InvalidMessageContents",
    "InvalidName",
    "InvalidParameterValue",
    "KmsAccessDeniedException",
    "MalformedDetail",
    "NotAuthorizedForDetailTypeException",
    "NotAuthorizedForSourceException",
    "QueueDoesNotExist",
    "RedactionFailure",
    "ResourceNotFoundException",
    "StateMachineDeleting",
    "StateMachineDoesNotExist",
    "ValidationException",
];

pub(super) fn is_for_good(code: &str) -> bool {
    FOR_GOOD.contains(&code)
}

/// What a service answered, with `code` for its refusal: a permanent failure where trying again cannot help.
pub(super) fn answered<T, E, R>(answer: Result<T, SdkError<E, R>>, code: &str) -> Result<T, Failure>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match answer {
        Err(SdkError::ServiceError(error)) if error.err().code().is_some_and(is_for_good) => {
            Err(SdkError::ServiceError(error)).permanent(code)
        }
        other => other.transient(code),
    }
}

/// What a row says of its refusals.
#[derive(Debug, Deserialize)]
struct Counted {
    refusals: u32,
    redrive: Option<Redrive>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Redrive {
    of: String,
    times: u32,
}

/// Counts a refusal, and parks the row with the last of them. Answers whether it holds up its key no longer.
pub(super) async fn refused(world: &World, row: &Row, failure: &Failure) -> Result<bool, Failure> {
    let Some(counted) = count(world, row).await? else { return Ok(true) };
    if counted.refusals < REFUSALS {
        return Ok(false);
    }
    send(world, row, &reason(world, row, failure, &counted)?).await?;
    let now = AttributeValue::S(sortable(world.ambient().now()));
    let update = of(world, row)?.update_expression("SET refused_at = :now REMOVE unsent, unsent_shard");
    changed(update.expression_attribute_values(":now", now).condition_expression("attribute_exists(unsent)")).await?;
    tracing::error!(partition = row.pk, cause = failure.cause(), "refused for good; it is parked");
    Ok(true)
}

/// `None` when it was sent meanwhile.
async fn count(world: &World, row: &Row) -> Result<Option<Counted>, Failure> {
    let update = of(world, row)?.update_expression("ADD refusals :one").return_values(ReturnValue::AllNew);
    let update = update.expression_attribute_values(":one", AttributeValue::N("1".into()));
    let output = changed(update.condition_expression("attribute_exists(unsent)")).await?;
    Ok(output.and_then(|output| output.attributes).map(serde_dynamo::from_item).transpose()?)
}

/// Why, as it travels with the row's body.
fn reason(world: &World, row: &Row, failure: &Failure, counted: &Counted) -> Result<Value, Failure> {
    let event = row.event()?;
    // A row that is redriven and refused again is another failure; one that is parked twice is the same.
    let message_id = match &counted.redrive {
        Some(redrive) => format!("{}#{}", row.id(), redrive.times),
        None => row.id().to_owned(),
    };
    Ok(json!({
        "source": "outbox",
        "row": { "pk": row.pk, "sk": row.sk },
        "code": failure.code(),
        "class": "permanent",
        "cause": failure.cause().chars().take(1024).collect::<String>(),
        "function": world.function(),
        "attempt": counted.refusals,
        "correlation_id": event.correlation_id,
        "event_id": row.event_id,
        "event_type": row.event_type,
        "subject": event.subject,
        "message_id": message_id,
        "failed_at": world.ambient().now(),
        "redrive": counted.redrive,
    }))
}

async fn send(world: &World, row: &Row, reason: &Value) -> Result<(), Failure> {
    let text = |value: &str| MessageAttributeValue::builder().data_type("String").string_value(value).build();
    let said = |name: &str| reason.get(name).and_then(Value::as_str).unwrap_or("unknown").to_owned();
    let queue = world.settings().text("THROUGHLINE_DEAD_LETTER_QUEUE")?;
    let message = world.clients().sqs().send_message().queue_url(queue).message_body(&row.body);
    message
        .message_attributes("code", text(&said("code"))?)
        .message_attributes("function", text(&said("function"))?)
        .message_attributes("reason", text(&reason.to_string())?)
        .send()
        .await?;
    Ok(())
}

fn of(world: &World, row: &Row) -> Result<UpdateItemFluentBuilder, Failure> {
    let table = world.settings().text("THROUGHLINE_EVENTS_TABLE")?;
    Ok(keyed(world.clients().dynamodb(), table, &row.pk, &row.sk))
}

fn keyed(client: &Client, table: &str, pk: &str, sk: &str) -> UpdateItemFluentBuilder {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    client.update_item().table_name(table).key("pk", text(pk)).key("sk", text(sk))
}

/// `None` where the condition does not hold.
async fn changed(update: UpdateItemFluentBuilder) -> Result<Option<UpdateItemOutput>, Failure> {
    match update.send().await {
        Ok(output) => Ok(Some(output)),
        Err(error) if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The rows of an event store that were refused for good.
#[derive(Debug, Clone)]
pub struct RefusedRows {
    client: Client,
    table: String,
}

impl RefusedRows {
    /// In this table of events.
    pub fn new(client: Client, events_table: impl Into<String>) -> Self {
        Self { client, table: events_table.into() }
    }

    /// Puts a row back into the outbox, for the `times`th redrive of the failure `of`. `false` when it is not out of it.
    ///
    /// # Errors
    /// Transient: the table could not be reached.
    pub async fn put_back(&self, pk: &str, sk: &str, of: &str, times: u32) -> Result<bool, Failure> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let redrive = serde_dynamo::to_attribute_value(Redrive { of: of.to_owned(), times })?;
        let update = keyed(&self.client, &self.table, pk, sk)
            .update_expression(
                "SET unsent = :sk, unsent_shard = :shard, redrive = :redrive REMOVE refused_at, refusals, expires_at",
            )
            .condition_expression("attribute_exists(refused_at)")
            .expression_attribute_values(":sk", text(sk))
            .expression_attribute_values(":shard", text(&shard(pk)))
            .expression_attribute_values(":redrive", redrive);
        Ok(changed(update).await?.is_some())
    }

    /// Lets a row that nobody will send go as one that was sent: it expires. `false` when it is in the outbox, or was sent.
    ///
    /// # Errors
    /// Transient: the table could not be reached.
    pub async fn leave(&self, pk: &str, sk: &str, now: Timestamp) -> Result<bool, Failure> {
        let expires_at = (now.as_second() + KEPT_SECONDS).to_string();
        let update = keyed(&self.client, &self.table, pk, sk)
            .update_expression("SET expires_at = :expires_at")
            .condition_expression("attribute_exists(refused_at)")
            .expression_attribute_values(":expires_at", AttributeValue::N(expires_at));
        Ok(changed(update).await?.is_some())
    }
}
