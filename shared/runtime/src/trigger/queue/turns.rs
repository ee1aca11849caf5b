//! Records that are worked on at once begin together.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// Where records let others begin.
#[derive(Debug, Default)]
pub(super) struct Turns {
    waiting: Mutex<Vec<Waker>>,
}

impl Turns {
    /// Lets the other records of the batch that are worked on at once begin, too: so their first lines are one write.
    pub(super) async fn others_begin(&self) {
        let mut begun = false;
        poll_fn(|context| {
            if std::mem::replace(&mut begun, true) {
                return Poll::Ready(());
            }
            self.waiting().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Does the work of the records. Those that let others begin go on when all that can begin have, in the same poll: had each woken
    /// itself, two of them would have ended the poll.
    pub(super) async fn of<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|context| {
            loop {
                let polled = work.as_mut().poll(context);
                if polled.is_ready() || !self.go_on() {
                    return polled;
                }
            }
        })
        .await
    }

    /// Whether any waited.
    fn go_on(&self) -> bool {
        let waiting = std::mem::take(&mut *self.waiting());
        let any = !waiting.is_empty();
        waiting.into_iter().for_each(Waker::wake);
        any
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waker>> {
        // A list is whole after every one of its methods.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
