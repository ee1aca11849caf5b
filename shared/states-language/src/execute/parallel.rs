//! Parallel.

use futures::future::{TryFutureExt as _, try_join_all};
use serde_json::Value;

use super::abort::Group;
use super::failure::Failure;
use super::flow::{Run, Thread};
use super::state::{Left, Work};
use crate::machine::Parallel;

impl Run<'_> {
    /// Runs the branches side by side; the first that fails stops the others.
    pub(super) async fn parallel(
        &self,
        thread: &mut Thread,
        work: &Work<'_>,
        parallel: &Parallel,
    ) -> Result<Left, Failure> {
        let data = self.data(thread, work.effective, work.context);
        let input = self.parameters(&parallel.service, work, data)?;
        self.next(thread, "ParallelStateStarted", None);
        let group = Group::default();
        let branches = parallel.branches.iter().map(|branch| {
            let ended = self.flow(branch, thread.nested(&group), input.clone());
            ended.map_err(|failure| {
                group.fail(failure.event);
                self.abort_task(failure)
            })
        });
        let done = match try_join_all(branches).await {
            Ok(done) => done,
            Err(failure) => {
                thread.event = failure.event;
                return Err(failure);
            }
        };
        thread.event = done.iter().map(|d| d.event).max().unwrap_or(thread.event);
        // The state's exit follows the last branch, not this event.
        self.record(thread.event, "ParallelStateSucceeded", None);
        let results = Value::Array(done.into_iter().map(|d| d.output).collect());
        self.combine(thread, work, &parallel.service, results)
    }
}
