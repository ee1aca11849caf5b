//! What cases are built from: resources that go when the case ends, waiting, and looking at errors.

mod events;
mod functions;
mod machines;
mod queues;
mod tables;

use std::fmt::Debug;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use throughline_conformance::Account;

pub(crate) use events::{Bus, allow_events, bus, target, target_queue};
pub(crate) use functions::{Function, function, function_with, payload};
pub(crate) use machines::{Machine, labelled, machine, one, only, output, run};
pub(crate) use queues::{Queue, dead_letters, fifo, queue, redrive_policy};
pub(crate) use tables::{Item, Table, item, n, s, streamed_table, table};

/// Looks until there is something.
///
/// # Panics
/// When the account's patience ends.
pub(crate) async fn eventually<T>(t: &Account, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let end = tokio::time::Instant::now() + t.pace.patience;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < end, "it has not come: {what}");
        t.pass(t.pace.poll).await;
    }
}

/// The code of a refusal.
pub(crate) fn code<T: Debug, E: ProvideErrorMetadata + Debug, R: Debug>(answer: Result<T, SdkError<E, R>>) -> String {
    refusal(answer).0
}

/// The code and the message of a refusal.
pub(crate) fn refusal<T: Debug, E: ProvideErrorMetadata + Debug, R: Debug>(
    answer: Result<T, SdkError<E, R>>,
) -> (String, String) {
    let error = answer.expect_err("it is refused");
    let code = error.code().unwrap_or_else(|| panic!("an error without a code: {error:?}")).to_owned();
    // Over the query protocol and in JSON, the same error may carry its namespace.
    let code = code.rsplit('#').next().unwrap_or_default().to_owned();
    (code, error.message().unwrap_or_default().to_owned())
}
