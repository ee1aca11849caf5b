//! What almost every batch is, read by a quick reader. Whatever it is not sure of is left to `serde_json`: what is null, stands twice, or
//! is of another type than it should be.

use throughline_envelope::JsonReader;

use super::{Attributes, Batch, Message, MessageAttribute, MessageAttributes};

pub(super) fn batch(payload: &[u8]) -> Option<Batch> {
    let mut reader = JsonReader::new(str::from_utf8(payload).ok()?);
    let mut records = None;
    reader.members(|reader, name| match &*name {
        "Records" => once(&mut records, messages(reader)?),
        _ => reader.skip(),
    })?;
    reader.is_at_end().then_some(Batch { records: records? })
}

fn messages(reader: &mut JsonReader<'_>) -> Option<Vec<Message>> {
    let mut messages = Vec::with_capacity(10);
    reader.items(|reader| {
        messages.push(message(reader)?);
        Some(())
    })?;
    Some(messages)
}

fn message(reader: &mut JsonReader<'_>) -> Option<Message> {
    let mut message = Message::default();
    reader.members(|reader, name| match &*name {
        "messageId" => text(&mut message.message_id, reader),
        "receiptHandle" => text(&mut message.receipt_handle, reader),
        "body" => text(&mut message.body, reader),
        "attributes" => once(&mut message.attributes, attributes(reader)?),
        "messageAttributes" => once(&mut message.message_attributes, message_attributes(reader)?),
        "eventSourceARN" => text(&mut message.queue_arn, reader),
        _ => reader.skip(),
    })?;
    Some(message)
}

fn attributes(reader: &mut JsonReader<'_>) -> Option<Attributes> {
    let mut attributes = Attributes::default();
    reader.members(|reader, name| match &*name {
        "ApproximateReceiveCount" => text(&mut attributes.approximate_receive_count, reader),
        "SentTimestamp" => text(&mut attributes.sent_timestamp, reader),
        "MessageGroupId" => text(&mut attributes.message_group_id, reader),
        "SequenceNumber" => text(&mut attributes.sequence_number, reader),
        _ => reader.skip(),
    })?;
    Some(attributes)
}

fn message_attributes(reader: &mut JsonReader<'_>) -> Option<MessageAttributes> {
    let mut redrive = None;
    reader.members(|reader, name| match &*name {
        "redrive" => once(&mut redrive, message_attribute(reader)?),
        _ => reader.skip(),
    })?;
    Some(MessageAttributes { redrive })
}

fn message_attribute(reader: &mut JsonReader<'_>) -> Option<MessageAttribute> {
    let mut string_value = None;
    reader.members(|reader, name| match &*name {
        "stringValue" => text(&mut string_value, reader),
        _ => reader.skip(),
    })?;
    Some(MessageAttribute { string_value })
}

fn text(place: &mut Option<String>, reader: &mut JsonReader<'_>) -> Option<()> {
    once(place, reader.string()?.into_owned())
}

fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}
