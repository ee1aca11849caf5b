//! Why something was not redriven.

use aws_sdk_dynamodb::error::SdkError as DynamoDbError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_sqs::error::SdkError as SqsError;
use aws_sdk_sqs::operation::get_queue_url::GetQueueUrlError;
use aws_sdk_sqs::operation::send_message::SendMessageError;

use crate::failure::Failure;
use crate::read::ReadError;

/// Why something was not redriven. It is as it was, or was sent and is not marked yet: repeat it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedriveError {
    /// There is nothing to send, or nowhere.
    #[error("{failure_id} cannot be redriven: {why}")]
    NotRedrivable {
        /// The failure.
        failure_id: String,
        /// Why.
        why: String,
    },
    /// It is being redriven.
    #[error(
        "{failure_id} is being redriven since {since}; if that was interrupted, it can be redriven again a minute later"
    )]
    UnderWay {
        /// The failure.
        failure_id: String,
        /// When that began.
        since: jiff::Timestamp,
    },
    /// The row of the parked key could not be read or changed.
    #[error("could not read or change the parked key: {0}")]
    Parked(throughline_effects::Failure),
    /// The row could not be put back into the outbox.
    #[error("could not put it back into the outbox: {0}")]
    Outbox(throughline_effects::Failure),
    /// The failures could not be read.
    #[error("could not read the failures")]
    Read(#[from] ReadError),
    /// The queue was not found.
    #[error("could not find the queue {queue}")]
    Queue {
        /// Its name.
        queue: String,
        /// What SQS said.
        source: Box<SqsError<GetQueueUrlError>>,
    },
    /// The queue did not take the message.
    #[error("could not send to {queue}")]
    Send {
        /// Its name.
        queue: String,
        /// What SQS said.
        source: Box<SqsError<SendMessageError>>,
    },
    /// The row was not marked.
    #[error("could not mark {failure_id}")]
    Mark {
        /// The failure.
        failure_id: String,
        /// What DynamoDB said.
        source: Box<DynamoDbError<UpdateItemError>>,
    },
}

impl RedriveError {
    pub(super) fn under_way(failure: &Failure) -> Self {
        Self::UnderWay {
            failure_id: failure.failure_id.clone(),
            since: failure.redriving_at.unwrap_or(failure.recorded_at),
        }
    }

    pub(super) fn not_redrivable(failure: &Failure, why: &str) -> Self {
        Self::NotRedrivable { failure_id: failure.failure_id.clone(), why: why.to_owned() }
    }
}
