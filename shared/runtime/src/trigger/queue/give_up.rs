//! Giving a message up: it is parked, or waits behind what is parked of its key.

use std::time::Duration;

use serde_json::Value;
use throughline_effects::{Failure, ParkedKey, ParkedKeys, Parking, Place};
use throughline_envelope::RawEvent;

use super::park::{self, Letter};
use super::record::{Ending, Job};
use crate::attempt::Lines;
use crate::trigger::Message;

impl Job<'_> {
    /// The place of a record in the order of its key, where the function parks in sequence.
    pub(super) fn place(&self, record: &Message, event: Option<&RawEvent>) -> Option<Place> {
        if !self.function.description.parks_in_sequence || !record.is_fifo() {
            return None;
        }
        let message_id = record.message_id.clone().unwrap_or_default();
        Some(Place {
            key: ParkedKey::new(self.function.name(), record.group()?),
            id: event.map_or_else(|| message_id.clone(), |event| format!("{}|{}", event.source, event.id)),
            event_id: event.map(|event| event.id.to_string()),
            message_id,
            number: record.sequence_number().cloned(),
            sequence: event.and_then(|event| event.sequence),
            dead_letter_queue: self.dead_letter_queue().to_owned(),
        })
    }

    fn dead_letter_queue(&self) -> &str {
        let url = self.world.settings().get("THROUGHLINE_DEAD_LETTER_QUEUE").unwrap_or_default();
        url.rsplit('/').next().unwrap_or(url)
    }

    /// Parks a message for its failure. One that could not be parked goes back to its queue, so that it is not lost.
    pub(super) async fn give_up(&self, letter: Letter<'_>) -> Ending {
        let reason = letter.reason(self.world, self.function.name());
        let parking = match letter.place {
            None => Ok(Parking::Head { reason: reason.to_string() }),
            Some(place) => self.parking(&letter, place, Some(&reason)).await,
        };
        match parking {
            Ok(Parking::Head { reason: said }) => {
                let key = letter.key.map(ToString::to_string).unwrap_or_default();
                letter.lines.failure(letter.failure, &key, letter.attempt, None);
                let reason = serde_json::from_str(&said).unwrap_or(reason);
                self.sent(&letter, letter.failure, letter.attempt, &reason).await
            }
            other => self.kept(&letter, other).await,
        }
    }

    /// Lets a message wait behind what is parked of its key.
    pub(super) async fn wait_behind(&self, letter: Letter<'_>, place: &Place) -> Ending {
        let parking = self.parking(&letter, place, None).await;
        if let Ok(Parking::Head { reason }) = &parking {
            // It was parked before, and only not acknowledged.
            let reason = serde_json::from_str(reason).unwrap_or_default();
            return self.sent(&letter, letter.failure, letter.attempt, &reason).await;
        }
        self.kept(&letter, parking).await
    }

    async fn parking(&self, letter: &Letter<'_>, place: &Place, reason: Option<&Value>) -> Result<Parking, Failure> {
        let reason = reason.map(Value::to_string);
        let now = self.world.ambient().now();
        ParkedKeys::of(self.world)?.park(place, reason.as_deref(), letter.key, now).await
    }

    async fn kept(&self, letter: &Letter<'_>, parking: Result<Parking, Failure>) -> Ending {
        match parking {
            Ok(Parking::Behind { head }) => {
                let (failure, reason) = letter.waiting(self.world, self.function.name(), head.as_deref());
                self.sent(letter, &failure, 1, &reason).await
            }
            Ok(Parking::Known) => {
                letter.lines.known(&letter.key.map(ToString::to_string).unwrap_or_default());
                Ending::Acknowledged { duplicate: true, age_ms: None, duration_ms: letter.lines.duration_ms() }
            }
            Ok(_) => Ending::Retried { wait: Some(Duration::ZERO) },
            Err(failure) => self.not_parked(&failure),
        }
    }

    async fn sent(&self, letter: &Letter<'_>, failure: &Failure, attempt: u32, reason: &Value) -> Ending {
        match park::send(self.world, letter.record, reason).await {
            Ok(queue) => {
                letter.lines.parked(failure, attempt, &queue);
                Ending::Parked { class: failure.class().clone() }
            }
            Err(failure) => self.not_parked(&failure),
        }
    }

    fn not_parked(&self, failure: &Failure) -> Ending {
        tracing::error!(error = %failure, function = self.function.name(), "failed to park a message; it stays in its queue");
        Ending::Retried { wait: None }
    }

    /// The lines of a record that is no event.
    pub(super) fn lines_of_nothing<'a>(&'a self, record: &'a Message) -> Lines<'a> {
        Lines::of_nothing(self.function, self.world, self.invocation, crate::attempt::Source::queue(record))
    }
}
