//! Saying that a sequence of a parked key never existed.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use throughline_effects::{NotMissing, ParkedKey};
use throughline_telemetry::{JournalLine, Stage};

use super::{RedriveError, Redriver};
use crate::failure::Failure;
use crate::keys::{expiry, hash, hour_key, key_time};
use crate::row::Fields;
use crate::write::JOURNAL_DAYS;

impl Redriver {
    /// Skips a sequence that never existed, for the consumer at which the key is parked, and writes it into the journal: both or neither. Then
    /// those behind it go on, with [`drain`](Self::drain). Says why not, where it is there, or may still come to be.
    ///
    /// # Errors
    /// AWS refused.
    pub async fn skip(
        &self,
        key: &ParkedKey,
        sequence: u64,
        because: &str,
    ) -> Result<Option<NotMissing>, RedriveError> {
        if self.reader.has_sequence(&key.group, sequence).await? {
            return Ok(Some(NotMissing::Stored));
        }
        let Some(waiting) = self.head_of(key).await? else { return Ok(Some(NotMissing::NotParked)) };
        let record = self.skipped(key, sequence, because, &waiting);
        self.parked.skip(key, sequence, (&self.reader.tables.journal, &record)).await.map_err(RedriveError::Parked)
    }

    /// The journal's row of it, at the workflow of the event that is parked first.
    fn skipped(&self, key: &ParkedKey, sequence: u64, because: &str, waiting: &Failure) -> Fields {
        let now = self.ambient.now();
        let line = JournalLine {
            stage: Stage::Skipped,
            time: now,
            level: Stage::Skipped.level().to_owned(),
            function: key.consumer.clone(),
            correlation_id: waiting.correlation_id.clone(),
            subject: waiting.subject.clone(),
            partition_key: Some(key.group.clone()),
            sequence: Some(sequence),
            code: Some("skipped".to_owned()),
            cause: Some(format!("sequence {sequence} of {} never existed: {because}", key.group)),
            ..JournalLine::default()
        };
        let mut row = serde_json::to_value(&line).unwrap_or_default();
        let pk = waiting.correlation_id.clone().unwrap_or_else(|| hour_key(&key.consumer, now));
        let sk = format!("{}#{}", key_time(now), hash(&[&row.to_string()]));
        let of_row = json!({
            "kind": "line", "pk": pk, "sk": sk, "time": key_time(now), "function_hour": hour_key(&key.consumer, now),
            "expires_at": expiry(now, JOURNAL_DAYS),
        });
        if let (Value::Object(row), Value::Object(of_row)) = (&mut row, of_row) {
            row.retain(|_, value| !value.is_null());
            row.extend(of_row);
        }
        row.as_object().cloned().unwrap_or_default()
    }
}

/// What the sort key of an event begins with, by its place in the order of its key.
pub(crate) fn beginning(sequence: u64) -> AttributeValue {
    AttributeValue::S(format!("{sequence:020}#"))
}
