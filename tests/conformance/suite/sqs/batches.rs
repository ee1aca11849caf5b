//! Batches.

use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry};
use throughline_conformance::{Account, Case, case};

use crate::given::{Queue, queue};

const SEND: &str = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html";
const DELETE: &str =
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        one_entry_fails_alone,
        "An entry that cannot be sent is in Failed, with its code; the others are sent.",
        SEND
    ),
    case!(ids_are_distinct, "Two entries with one Id fail the whole batch with BatchEntryIdsNotDistinct.", SEND),
    case!(ten_entries_at_most, "More than ten entries fail with TooManyEntriesInBatchRequest.", SEND),
    case!(one_entry_at_least, "A batch without entries fails with EmptyBatchRequest.", SEND),
    case!(one_mebibyte_in_all, "The bodies of a batch may have 1 MiB together, else BatchRequestTooLong.", SEND),
    case!(
        a_bad_handle_fails_alone,
        "DeleteMessageBatch reports each entry: a handle that is none fails, the others are deleted.",
        DELETE
    ),
];

fn entry(id: impl Into<String>, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap()
}

macro_rules! refused {
    ($queue:expr, $entries:expr, $is:ident) => {
        let request = $queue.sqs.send_message_batch().queue_url(&$queue.url).set_entries(Some($entries));
        let error = request.send().await.unwrap_err().into_service_error();
        assert!(error.$is(), "{error:?}");
    };
}

async fn one_entry_fails_alone(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    let late = SendMessageBatchRequestEntry::builder().id("b").message_body("two").delay_seconds(1000);
    let entries = vec![entry("a", "one"), late.build().unwrap(), entry("c", "three")];
    let answer = t.sqs.send_message_batch().queue_url(&queue.url).set_entries(Some(entries)).send().await.unwrap();
    let sent: Vec<&str> = answer.successful().iter().map(|entry| entry.id()).collect();
    assert_eq!(sent, ["a", "c"]);
    let failed = &answer.failed()[0];
    assert_eq!((failed.id(), failed.sender_fault(), failed.code()), ("b", true, "InvalidParameterValue"));
    let mut bodies = queue.take(&t, 2).await;
    bodies.sort();
    assert_eq!(bodies, ["one", "three"]);
}

async fn ids_are_distinct(t: Account) {
    let queue: Queue = queue(&t, "q", &[]).await;
    refused!(queue, vec![entry("a", "one"), entry("a", "two")], is_batch_entry_ids_not_distinct);
}

async fn ten_entries_at_most(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    let entries = (0..11).map(|number| entry(number.to_string(), "x")).collect();
    refused!(queue, entries, is_too_many_entries_in_batch_request);
}

async fn one_entry_at_least(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    refused!(queue, Vec::new(), is_empty_batch_request);
}

async fn one_mebibyte_in_all(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    let half = "x".repeat(524_289);
    refused!(queue, vec![entry("a", &half), entry("b", &half)], is_batch_request_too_long);
}

async fn a_bad_handle_fails_alone(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    queue.send("hello").await;
    let message = queue.next(&t).await;
    let entry = |id: &str, handle: &str| {
        DeleteMessageBatchRequestEntry::builder().id(id).receipt_handle(handle).build().unwrap()
    };
    let request = t.sqs.delete_message_batch().queue_url(&queue.url).entries(entry("a", "none"));
    let answer = request.entries(entry("b", message.receipt_handle().unwrap())).send().await.unwrap();
    assert_eq!(answer.successful()[0].id(), "b");
    assert_eq!((answer.failed()[0].id(), answer.failed()[0].code()), ("a", "ReceiptHandleIsInvalid"));
    queue.drained(&t).await;
}
