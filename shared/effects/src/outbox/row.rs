//! A row of the event store.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use throughline_envelope::{EventId, RawEvent, SagaId, saga_input};

use crate::effects::{Effects, Emit, StartSaga};
use crate::failure::Failure;
use crate::limits::{EVENT_BYTES, GROUP_ID_CHARS};
use crate::world::World;

/// Shards of the index of unsent rows.
pub(crate) const SHARDS: u8 = 8;

/// A saga's row beyond the event's part.
#[derive(Debug, Clone)]
pub(crate) struct SagaRow {
    pub(crate) id: SagaId,
    pub(crate) name: String,
}

/// A row of the event store, as `docs/data-model.md` has it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) pk: String,
    pub(crate) sk: String,
    pub(crate) event_id: EventId,
    pub(crate) event_type: String,
    pub(crate) saga: Option<SagaRow>,
    pub(crate) body: String,
    event: Option<RawEvent>,
}

impl Row {
    /// The rows of what the effects emit and start, as children of `parent`.
    pub(crate) fn of_effects(world: &World, parent: &RawEvent, effects: &Effects) -> Result<Vec<Self>, Failure> {
        let events = effects.emits().iter().map(|emit| Self::of_event(child(world, parent, emit)));
        let sagas = effects.sagas().iter().map(|saga| Self::of_saga(world, parent, saga));
        events.chain(sagas).collect()
    }

    fn of_event(event: RawEvent) -> Result<Self, Failure> {
        let body = event.to_json().to_string();
        Self::new(event, None, body)
    }

    fn of_saga(world: &World, parent: &RawEvent, start: &StartSaga) -> Result<Self, Failure> {
        let data = start.data().cloned().unwrap_or_default();
        let mut event = parent
            .child(world.ambient(), source(start.event_type()), start.event_type(), data)
            .with_schema_version(start.schema_version());
        event.subject = start.business_key().map(str::to_owned).or_else(|| parent.subject.clone());
        let saga = SagaRow { id: SagaId::generate(world.ambient()), name: start.name().to_owned() };
        let body = saga_input(&saga.id, &saga.name, &event).to_string();
        Self::new(event, Some(saga), body)
    }

    fn new(event: RawEvent, saga: Option<SagaRow>, body: String) -> Result<Self, Failure> {
        if body.len() > EVENT_BYTES {
            let cause =
                format!("{} is {} bytes on the wire; at most {EVENT_BYTES} are sent", event.event_type, body.len());
            return Err(Failure::permanent("too_large", cause));
        }
        if let Some(key) = event.partition_key.as_deref().filter(|key| !may_be_group(key)) {
            let cause = format!("{}: the partition key {key:?} cannot be a message group", event.event_type);
            return Err(Failure::permanent("bad_partition_key", cause));
        }
        let (pk, sequence) = match (&event.partition_key, event.sequence) {
            (Some(key), sequence) => (key.clone(), sequence.unwrap_or_default()),
            (None, _) => (event.id.to_string(), 0),
        };
        Ok(Self {
            sk: format!("{sequence:020}#{}", event.id),
            pk,
            event_id: event.id.clone(),
            event_type: event.event_type.clone(),
            saga,
            body,
            event: Some(event),
        })
    }

    /// The id that the deduplication record keeps: the saga's, or the event's.
    pub(crate) fn id(&self) -> &str {
        self.saga.as_ref().map_or(self.event_id.as_str(), |saga| saga.id.as_str())
    }

    /// Whether nothing else can be in its partition: it has no partition key, or is the first of its key.
    pub(crate) fn is_alone(&self) -> bool {
        self.pk == self.event_id.as_str() || self.sk.starts_with("00000000000000000001#")
    }

    /// Whether it goes to the ordered queues.
    pub(crate) fn is_ordered(&self) -> bool {
        self.saga.is_none() && self.pk != self.event_id.as_str()
    }

    /// The write that goes into the transaction.
    pub(crate) fn put(&self, world: &World, now: Timestamp) -> Result<TransactWriteItem, Failure> {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let mut put = Put::builder()
            .table_name(world.settings().text("THROUGHLINE_EVENTS_TABLE")?)
            .item("pk", text(&self.pk))
            .item("sk", text(&self.sk))
            .item("kind", text(if self.saga.is_some() { "saga" } else { "event" }))
            .item("event_id", text(self.event_id.as_str()))
            .item("event_type", text(&self.event_type))
            .item("body", text(&self.body))
            .item("type_hour", text(&format!("{}#{}", self.event_type, now.strftime("%Y-%m-%dT%H"))))
            .item("created_at", text(&sortable(now)))
            .item("unsent", text(&self.sk))
            .item("unsent_shard", text(&shard(&self.pk)))
            .condition_expression("attribute_not_exists(pk)");
        if let Some(event) = &self.event {
            put = put.item("correlation_id", text(event.correlation_id.as_str()));
            if let Some(subject) = &event.subject {
                put = put.item("subject", text(subject));
            }
            if let Some(causation) = &event.causation_id {
                put = put.item("causation_id", text(causation.as_str()));
            }
        }
        if let Some(saga) = &self.saga {
            put = put.item("saga_id", text(saga.id.as_str())).item("saga", text(&saga.name));
        }
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }

    /// A row as it is stored.
    pub(crate) fn read(item: &HashMap<String, AttributeValue>) -> Result<Self, Failure> {
        let field = |name: &'static str| {
            let value = item.get(name).and_then(|value| value.as_s().ok()).cloned();
            value
                .ok_or_else(|| Failure::permanent("malformed_row", format!("a row of the event store has no `{name}`")))
        };
        let saga = match item.get("saga_id").and_then(|value| value.as_s().ok()) {
            Some(id) => Some(SagaRow { id: SagaId::parse(id)?, name: field("saga")? }),
            None => None,
        };
        Ok(Self {
            pk: field("pk")?,
            sk: field("sk")?,
            event_id: EventId::parse(&field("event_id")?)?,
            event_type: field("event_type")?,
            saga,
            body: field("body")?,
            event: None,
        })
    }

    /// The event in its wire form.
    ///
    /// # Errors
    /// The stored body is not an event.
    pub(crate) fn event(&self) -> Result<RawEvent, Failure> {
        if let Some(event) = &self.event {
            return Ok(event.clone());
        }
        let mut body: Value = serde_json::from_str(&self.body)?;
        let event = if self.saga.is_some() { body.get_mut("event").map(Value::take).unwrap_or_default() } else { body };
        Ok(RawEvent::from_json(event)?)
    }
}

fn child(world: &World, parent: &RawEvent, emit: &Emit) -> RawEvent {
    let data = emit.data().cloned().unwrap_or_default();
    let mut event = parent
        .child(world.ambient(), source(emit.event_type()), emit.event_type(), data)
        .with_schema_version(emit.schema_version());
    event.subject = emit.business_key().map(str::to_owned).or_else(|| parent.subject.clone());
    match emit.order() {
        Some((key, sequence)) => event.ordered(key, sequence),
        None => event,
    }
}

/// Who publishes a type: the first part of its name, `orders` of `orders.order.placed`.
fn source(event_type: &str) -> &str {
    event_type.split('.').next().unwrap_or(event_type)
}

/// Whether a FIFO queue takes it as a message group id. Asked before the commit: what no queue takes would hold back its key for good.
fn may_be_group(key: &str) -> bool {
    (1..=GROUP_ID_CHARS).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A time whose text order is its order: nine digits of fraction.
pub(crate) fn sortable(time: Timestamp) -> String {
    format!("{time:.9}")
}

pub(super) fn shard(pk: &str) -> String {
    let digest = Sha256::digest(pk);
    (digest.first().copied().unwrap_or_default() % SHARDS).to_string()
}
