//! When the records that go back to their queue may come again.

use std::time::Duration;

use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry;
use throughline_effects::{Failure, World};

use super::record::Return;

/// Entries of one `ChangeMessageVisibilityBatch`, see
/// [the API reference](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html).
const ENTRIES: usize = 10;

/// Sets the visibility of what goes back. When that fails, the queue's own visibility timeout applies: later, but not lost.
pub(super) async fn push_out(world: &World, returns: &[Return]) {
    let known: Vec<(&Return, Duration)> = returns.iter().filter_map(|r| r.wait.map(|wait| (r, wait))).collect();
    for chunk in known.chunks(ENTRIES) {
        if let Err(failure) = change(world, chunk).await {
            tracing::warn!(
                cause = failure.cause(),
                "failed to set when messages come again; the queue's own timeout applies"
            );
        }
    }
}

async fn change(world: &World, chunk: &[(&Return, Duration)]) -> Result<(), Failure> {
    let url = world.settings().text("THROUGHLINE_SOURCE_QUEUE")?;
    let mut request = world.clients().sqs().change_message_visibility_batch().queue_url(url);
    for (index, (back, wait)) in chunk.iter().enumerate() {
        let seconds = i32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i32::MAX);
        request = request.entries(
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(index.to_string())
                .receipt_handle(back.message.receipt_handle.as_deref().unwrap_or_default())
                .visibility_timeout(seconds)
                .build()?,
        );
    }
    let answer = request.send().await?;
    for failed in answer.failed() {
        tracing::warn!(code = failed.code(), "a message's visibility was not changed");
    }
    Ok(())
}
