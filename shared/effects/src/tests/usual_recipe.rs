//! What the usual recipe does in the same place: its idempotency record is completed and deleted unconditionally, as Powertools for
//! AWS Lambda does ([`DynamoDBPersistenceLayer`](https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/)). A
//! first holder that ends late overwrites the result of the second, and a late failure deletes the record of work that was done.

use std::cell::Cell;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;

use super::bench::Bench;
use crate::{Failure, Once};

const KEY: &str = "charge";

/// In progress (conditional, with a time limit); work; completed or deleted (unconditional).
async fn usual(bench: &Bench, work: impl Future<Output = Result<String, Failure>>) -> Result<String, Failure> {
    let table = "t-idempotency";
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let db = bench.world.clients().dynamodb();
    let now = bench.world.ambient().now().as_second();
    let begun = db
        .put_item()
        .table_name(table)
        .item("key", text(KEY))
        .item("status", text("INPROGRESS"))
        .item("until", AttributeValue::N((now + 30).to_string()))
        .condition_expression("attribute_not_exists(#key) OR (#status = :inprogress AND #until < :now)")
        .expression_attribute_names("#key", "key")
        .expression_attribute_names("#status", "status")
        .expression_attribute_names("#until", "until")
        .expression_attribute_values(":inprogress", text("INPROGRESS"))
        .expression_attribute_values(":now", AttributeValue::N(now.to_string()))
        .send()
        .await;
    if begun.is_err() {
        let item = db.get_item().table_name(table).key("key", text(KEY)).send().await?.item.unwrap_or_default();
        let stored = item.get("result").and_then(|value| value.as_s().ok()).cloned();
        return stored.ok_or_else(|| Failure::transient("in_progress", "another is at work"));
    }
    match work.await {
        Ok(result) => {
            let update = db.update_item().table_name(table).key("key", text(KEY));
            update
                .update_expression("SET #status = :done, #result = :result")
                .expression_attribute_names("#status", "status")
                .expression_attribute_names("#result", "result")
                .expression_attribute_values(":done", text("COMPLETED"))
                .expression_attribute_values(":result", text(&result))
                .send()
                .await?;
            Ok(result)
        }
        Err(failure) => {
            db.delete_item().table_name(table).key("key", text(KEY)).send().await?;
            Err(failure)
        }
    }
}

async fn after<T>(seconds: u64, value: T) -> T {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    value
}

fn charged(id: &str) -> Result<String, Failure> {
    Ok(id.to_owned())
}

#[tokio::test(start_paused = true)]
async fn it_overwrites_the_second_result_with_that_of_a_late_first_holder() {
    let bench = Bench::new().await;
    let second = async { after(33, usual(&bench, async { charged("pay_2") })).await.await };
    let (late, second) = futures::join!(usual(&bench, after(40, charged("pay_1"))), second);
    assert_eq!((late.unwrap().as_str(), second.unwrap().as_str()), ("pay_1", "pay_2"), "two answers to one question");
    assert_eq!(usual(&bench, async { charged("pay_3") }).await.unwrap(), "pay_1", "and the first was overwritten");
}

#[tokio::test(start_paused = true)]
async fn it_works_twice_when_a_late_first_holder_fails() {
    let (bench, works) = (Bench::new().await, Cell::new(0));
    let work = async |id: &str| {
        works.set(works.get() + 1);
        charged(id)
    };
    let failed = Err(Failure::transient("outside_timeout", "no answer"));
    let second = async { after(33, usual(&bench, work("pay_2"))).await.await };
    let (late, second) = futures::join!(usual(&bench, after(40, failed)), second);
    assert!(late.is_err() && second.is_ok());
    assert_eq!(usual(&bench, work("pay_3")).await.unwrap(), "pay_3", "the record of pay_2 was deleted");
    assert_eq!(works.get(), 2);
}

/// The same two stories with ours.
#[tokio::test(start_paused = true)]
async fn ours_does_neither() {
    for late_result in [charged("pay_1"), Err(Failure::transient("outside_timeout", "no answer"))] {
        let (bench, works) = (Bench::new().await, Cell::new(0));
        let once = || Once::new(&bench.world, "charge").until(bench.world.ambient().now() + Duration::from_secs(30));
        let work = async |_: String| {
            works.set(works.get() + 1);
            charged("pay_2")
        };
        let first = once();
        let second = async {
            after(33, ()).await;
            once().call(KEY, work).await
        };
        let (_, second) = futures::join!(first.call(KEY, async |_| after(40, late_result).await), second);
        assert_eq!(second.unwrap(), "pay_2");
        assert_eq!(once().call(KEY, work).await.unwrap(), "pay_2");
        assert_eq!(works.get(), 1);
    }
}
