//! DynamoDB streams.

use aws_sdk_dynamodbstreams::types::{AttributeValue, Record, ShardIteratorType};
use throughline_conformance::{Account, Case, case};

use crate::given::{Table, eventually, item, n, streamed_table};

const STREAMS: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html";
const ITERATOR: &str =
    "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        a_record_per_change_with_images,
        "Each change is one record: INSERT, MODIFY, REMOVE, with the images of the view type.",
        STREAMS
    ),
    case!(
        a_write_that_changes_nothing_leaves_no_record,
        "A write that leaves the item as it was leaves no record.",
        STREAMS
    ),
    case!(
        a_transaction_leaves_a_record_per_item,
        "A transaction leaves a record for each item that it changed; a cancelled one leaves none.",
        STREAMS
    ),
    case!(
        reading_goes_on_after_a_sequence_number,
        "AFTER_SEQUENCE_NUMBER starts right after the record with that number.",
        ITERATOR
    ),
    case!(latest_starts_with_what_comes, "LATEST starts with the records that come after the call.", ITERATOR),
];

/// The stream's shards.
async fn shards(t: &Account, table: &Table) -> Vec<String> {
    eventually(t, "the shards", async || {
        let answer = t.streams.describe_stream().stream_arn(&table.stream).send().await.unwrap();
        let shards = answer.stream_description?.shards.unwrap_or_default();
        (!shards.is_empty()).then(|| shards.into_iter().filter_map(|shard| shard.shard_id).collect())
    })
    .await
}

async fn iterator(t: &Account, table: &Table, shard: &str, kind: ShardIteratorType, after: Option<&str>) -> String {
    let request = t.streams.get_shard_iterator().stream_arn(&table.stream).shard_id(shard).shard_iterator_type(kind);
    let request = request.set_sequence_number(after.map(str::to_owned));
    request.send().await.unwrap().shard_iterator.unwrap()
}

/// Every record so far.
async fn all(t: &Account, table: &Table) -> Vec<Record> {
    let mut records = Vec::new();
    for shard in shards(t, table).await {
        let iterator = iterator(t, table, &shard, ShardIteratorType::TrimHorizon, None).await;
        let answer = t.streams.get_records().shard_iterator(iterator).send().await.unwrap();
        records.extend(answer.records.unwrap_or_default());
    }
    records
}

async fn records(t: &Account, table: &Table, count: usize) -> Vec<Record> {
    eventually(t, "the records", async || {
        let records = all(t, table).await;
        (records.len() >= count).then_some(records)
    })
    .await
}

fn kinds(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.event_name().unwrap().as_str()).collect()
}

async fn delete(table: &Table, pk: &str, sk: &str) {
    let request = table.dynamodb.delete_item().table_name(&table.name).set_key(Some(item(pk, sk, &[])));
    request.send().await.unwrap();
}

async fn a_record_per_change_with_images(t: Account) {
    let table = streamed_table(&t).await;
    table.put(item("a", "1", &[("v", n(1))])).await;
    table.put(item("a", "1", &[("v", n(2))])).await;
    delete(&table, "a", "1").await;
    let records = records(&t, &table, 3).await;
    assert_eq!(kinds(&records), ["INSERT", "MODIFY", "REMOVE"]);
    let value = |image: Option<&std::collections::HashMap<String, AttributeValue>>| {
        image.map(|image| image["v"].as_n().unwrap().clone())
    };
    let images: Vec<_> = records
        .iter()
        .map(|record| record.dynamodb().unwrap())
        .map(|change| (value(change.old_image()), value(change.new_image())))
        .collect();
    let (one, two) = (Some("1".to_owned()), Some("2".to_owned()));
    assert_eq!(images, [(None, one.clone()), (one, two.clone()), (two, None)]);
    // Numbers of up to 40 digits.
    let numbers = records.iter().map(|record| record.dynamodb().unwrap().sequence_number().unwrap());
    let numbers: Vec<(usize, &str)> = numbers.map(|number| (number.len(), number)).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    assert!(records.iter().all(|record| record.event_source() == Some("aws:dynamodb")));
}

async fn a_write_that_changes_nothing_leaves_no_record(t: Account) {
    let table = streamed_table(&t).await;
    for sk in ["1", "1", "2"] {
        table.put(item("a", sk, &[("v", n(1))])).await;
    }
    delete(&table, "a", "none").await;
    records(&t, &table, 2).await;
    t.quiet().await;
    assert_eq!(kinds(&all(&t, &table).await), ["INSERT", "INSERT"]);
}

async fn a_transaction_leaves_a_record_per_item(t: Account) {
    use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
    let table = streamed_table(&t).await;
    let put = |sk: &str| {
        let put = Put::builder().table_name(&table.name).set_item(Some(item("a", sk, &[])));
        let put = put.condition_expression("attribute_not_exists(pk)").build().unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    let transact =
        |actions: Vec<TransactWriteItem>| t.dynamodb.transact_write_items().set_transact_items(Some(actions));
    transact(vec![put("1"), put("2")]).send().await.unwrap();
    transact(vec![put("3"), put("2")]).send().await.unwrap_err();
    records(&t, &table, 2).await;
    t.quiet().await;
    assert_eq!(kinds(&all(&t, &table).await), ["INSERT", "INSERT"]);
}

async fn reading_goes_on_after_a_sequence_number(t: Account) {
    let table = streamed_table(&t).await;
    for number in 1..=3 {
        table.put(item("a", "1", &[("v", n(number))])).await;
    }
    let all = records(&t, &table, 3).await;
    let first = all[0].dynamodb().unwrap().sequence_number().unwrap();
    // One item's changes are in one shard.
    for shard in shards(&t, &table).await {
        let iterator = iterator(&t, &table, &shard, ShardIteratorType::AfterSequenceNumber, Some(first)).await;
        let answer = t.streams.get_records().shard_iterator(iterator).send().await.unwrap();
        let records = answer.records();
        if !records.is_empty() {
            assert_eq!(kinds(records), ["MODIFY", "MODIFY"]);
            return;
        }
    }
    panic!("no shard has the records");
}

async fn latest_starts_with_what_comes(t: Account) {
    let table = streamed_table(&t).await;
    table.put(item("a", "1", &[("v", n(1))])).await;
    records(&t, &table, 1).await;
    let shard = shards(&t, &table).await.pop().unwrap();
    let mut next = iterator(&t, &table, &shard, ShardIteratorType::Latest, None).await;
    let answer = t.streams.get_records().shard_iterator(&next).send().await.unwrap();
    assert_eq!(answer.records().len(), 0);
    next = answer.next_shard_iterator.unwrap();
    table.put(item("a", "1", &[("v", n(2))])).await;
    let next = tokio::sync::Mutex::new(next);
    let come = eventually(&t, "the new record", async || {
        let mut next = next.lock().await;
        let answer = t.streams.get_records().shard_iterator(&*next).send().await.unwrap();
        *next = answer.next_shard_iterator?;
        answer.records.filter(|records| !records.is_empty())
    })
    .await;
    assert_eq!(kinds(&come), ["MODIFY"]);
}
