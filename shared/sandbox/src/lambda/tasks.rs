//! The tasks of the service: invocations, asynchronous events, pollers.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinSet};

/// Tasks that end with the service.
#[derive(Debug, Default)]
pub(super) struct Tasks(Mutex<JoinSet<()>>);

impl Tasks {
    /// Starts a task. What it returns can be awaited; an error says that it was ended.
    pub(super) fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (sender, receiver) = oneshot::channel();
        self.start(async move {
            let _ = sender.send(task.await);
        });
        receiver
    }

    /// Starts a task that nobody waits for.
    pub(super) fn start(&self, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let mut tasks = self.tasks();
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task)
    }

    /// Ends all of them.
    pub(super) fn abort(&self) {
        let ended = std::mem::take(&mut *self.tasks());
        drop(ended);
    }

    fn tasks(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
