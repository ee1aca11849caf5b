//! Dead-letter queues and what comes back from them.

use aws_sdk_sqs::types::MessageSystemAttributeName;
use throughline_conformance::{Account, Case, case};

use crate::given::{code, dead_letters, eventually, fifo, queue, redrive_policy};

const DEAD: &str =
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html";
const SOURCES: &str =
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListDeadLetterSourceQueues.html";
const MOVE: &str =
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        too_many_receives_park_a_message,
        "A message that was received maxReceiveCount times without a delete moves to the dead-letter queue, with its id.",
        DEAD
    ),
    case!(
        a_parked_message_keeps_its_sent_time,
        "A message's SentTimestamp, from which standard queues count retention, is unchanged in the dead-letter queue.",
        DEAD
    ),
    case!(
        fifo_parks_in_fifo,
        "A FIFO queue's message keeps its group in the dead-letter queue, and its group goes on.",
        DEAD
    ),
    case!(
        a_dead_letter_queue_knows_its_sources,
        "ListDeadLetterSourceQueues answers the queues that name a queue as their dead-letter queue.",
        SOURCES
    ),
    case!(
        a_move_task_brings_messages_back,
        "A move task without destination moves messages to the queues they came from.",
        MOVE
    ),
    case!(a_move_task_can_go_elsewhere, "A move task with DestinationArn moves messages there.", MOVE),
    case!(
        a_move_task_needs_a_dead_letter_queue,
        "The source of a move task has to be the dead-letter queue of some queue.",
        MOVE
    ),
];

/// Receives until a message has been parked.
async fn park(t: &Account, queue: &crate::given::Queue, parked: &crate::given::Queue) {
    eventually(t, "a parked message", async || {
        queue.receive().await;
        (parked.attribute("ApproximateNumberOfMessages").await != "0").then_some(())
    })
    .await;
}

async fn too_many_receives_park_a_message(t: Account) {
    let (queue, parked) = dead_letters(&t, 2, &[("VisibilityTimeout", "0")]).await;
    let id = queue.send("hello").await;
    assert_eq!(queue.next(&t).await.message_id(), Some(id.as_str()));
    assert_eq!(queue.next(&t).await.message_id(), Some(id.as_str()));
    park(&t, &queue, &parked).await;
    let message = parked.next(&t).await;
    assert_eq!((message.message_id(), message.body()), (Some(id.as_str()), Some("hello")));
    let source = &message.attributes().unwrap()[&MessageSystemAttributeName::DeadLetterQueueSourceArn];
    assert_eq!(source, &queue.arn);
    queue.drained(&t).await;
}

async fn a_parked_message_keeps_its_sent_time(t: Account) {
    let (queue, parked) = dead_letters(&t, 1, &[("VisibilityTimeout", "0")]).await;
    queue.send("hello").await;
    let sent = |message: &aws_sdk_sqs::types::Message| {
        message.attributes().unwrap()[&MessageSystemAttributeName::SentTimestamp].clone()
    };
    let before = sent(&queue.next(&t).await);
    t.pass(std::time::Duration::from_millis(20)).await;
    park(&t, &queue, &parked).await;
    assert_eq!(sent(&parked.next(&t).await), before);
}

async fn fifo_parks_in_fifo(t: Account) {
    let parked = fifo(&t, "parked", &[]).await;
    let policy = redrive_policy(&parked, 1);
    let queue = fifo(&t, "q", &[("VisibilityTimeout", "0"), ("RedrivePolicy", &policy)]).await;
    queue.send_in("g", "1", "one").await;
    queue.send_in("g", "2", "two").await;
    assert_eq!(queue.next(&t).await.body(), Some("one"));
    assert_eq!(queue.next(&t).await.body(), Some("two"));
    let message = parked.next(&t).await;
    assert_eq!(message.body(), Some("one"));
    assert_eq!(message.attributes().unwrap()[&MessageSystemAttributeName::MessageGroupId], "g");
}

async fn a_dead_letter_queue_knows_its_sources(t: Account) {
    let (queue, parked) = dead_letters(&t, 1, &[]).await;
    let answer = t.sqs.list_dead_letter_source_queues().queue_url(&parked.url).send().await.unwrap();
    assert_eq!(answer.queue_urls(), [queue.url]);
}

async fn a_move_task_brings_messages_back(t: Account) {
    let (queue, parked) = dead_letters(&t, 1, &[("VisibilityTimeout", "0")]).await;
    let id = queue.send("hello").await;
    queue.next(&t).await;
    park(&t, &queue, &parked).await;
    queue.set("VisibilityTimeout", "30").await;
    t.sqs.start_message_move_task().source_arn(&parked.arn).send().await.unwrap();
    let message = queue.next(&t).await;
    assert_eq!(message.body(), Some("hello"));
    assert!(message.message_id().is_some(), "{id}");
    eventually(&t, "the end of the task", async || {
        let answer = t.sqs.list_message_move_tasks().source_arn(&parked.arn).send().await.unwrap();
        let task = answer.results().first()?;
        (task.status() == Some("COMPLETED") && task.approximate_number_of_messages_moved() == 1).then_some(())
    })
    .await;
    parked.drained(&t).await;
}

async fn a_move_task_can_go_elsewhere(t: Account) {
    let (queue, parked) = dead_letters(&t, 1, &[("VisibilityTimeout", "0")]).await;
    let elsewhere = crate::given::queue(&t, "elsewhere", &[]).await;
    queue.send("hello").await;
    queue.next(&t).await;
    park(&t, &queue, &parked).await;
    let request = t.sqs.start_message_move_task().source_arn(&parked.arn).destination_arn(&elsewhere.arn);
    request.send().await.unwrap();
    assert_eq!(elsewhere.next(&t).await.body(), Some("hello"));
}

async fn a_move_task_needs_a_dead_letter_queue(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    let refused = code(t.sqs.start_message_move_task().source_arn(&queue.arn).send().await);
    assert!(refused.starts_with("InvalidParameterValue"), "{refused}");
}
