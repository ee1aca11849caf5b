//! Faults of messages on their way to a receiver.

use std::time::Duration;

use super::message::{Fate, Message};
use super::queue::Queue;
use crate::cloud::Cloud;
use crate::faults::{Delivery, DeliveryFault, Hop};

/// At most so many messages that are given to a receiver now. Every one was asked about once; those that are late are
/// hidden until then, and what comes behind them in their group waits with them.
pub(super) fn receivable(cloud: &Cloud, queue: &mut Queue, most: usize, now: i64) -> Vec<u64> {
    loop {
        let numbers = queue.messages.receivable(most);
        if cloud.faults().is_none() {
            return numbers;
        }
        let open = |number: &u64| queue.messages.get(*number).is_some_and(|message| message.fate == Fate::Open);
        let Some(number) = numbers.iter().copied().find(open) else { return numbers };
        decide(cloud, queue, number, now);
    }
}

fn decide(cloud: &Cloud, queue: &mut Queue, number: u64, now: i64) {
    let Some(message) = queue.messages.get(number) else { return };
    let fault = cloud.delivery_fault(|at| Delivery {
        hop: if queue.is_fifo() { Hop::OrderedMessage } else { Hop::Message },
        from: &queue.arn,
        to: "",
        id: &message.id,
        group: message.group.as_deref(),
        payload: &message.body,
        at,
    });
    queue.messages.update(number, |message| {
        message.fate = match fault {
            Some(DeliveryFault::Twice { after }) => Fate::Twice(millis(after)),
            Some(DeliveryFault::Late(time)) => {
                message.visible_at = now.saturating_add(millis(time));
                Fate::Once
            }
            None => Fate::Once,
        }
    });
}

/// A message was given to a receiver: if it is to come twice, its copy is there.
pub(super) fn fulfil(queue: &mut Queue, number: u64, now: i64) {
    let Some(message) = queue.messages.get(number) else { return };
    match message.fate {
        Fate::Open => return,
        Fate::Once => {}
        Fate::Twice(after) => {
            let copy = Message { fate: Fate::Once, visible_at: now.saturating_add(after), ..message.clone() };
            queue.push_again(copy);
        }
    }
    queue.messages.update(number, |message| message.fate = Fate::Open);
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2)
}
