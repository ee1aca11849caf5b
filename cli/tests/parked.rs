//! Keys that are parked, and the commands that let them go on: the real binary against the local cloud with the whole workflow in it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::process::Output;
use std::time::Duration;

use serde_json::{Value, json};
use throughline_tests::{Stack, change};
use tokio::process::Command;

const ORDER: &str = "ord_sample";

/// A stack behind a port. Time is real here, since the command's is.
struct Shop {
    stack: Stack,
    endpoint: String,
}

impl Shop {
    async fn open() -> Self {
        let (stack, endpoint) = Stack::listening().await;
        Self { stack, endpoint }
    }

    async fn throughline(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
        command.args(arguments).args(["--endpoint-url", &self.endpoint]);
        command.env_remove("AWS_ENDPOINT_URL").output().await.unwrap()
    }

    /// So many failures are recorded.
    async fn failed(&self, count: usize) {
        while self.stack.rows("failures").await.len() < count {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn history(&self) -> Vec<Value> {
        let view = self.stack.row_of("order-views", ORDER).await;
        view["history"].as_array().unwrap().iter().map(|one| one["sequence"].clone()).collect()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_sequence_that_never_existed_is_skipped() {
    let shop = Shop::open().await;
    let skip = async |sequence: &str| shop.throughline(&["skip", ORDER, sequence, "--because", "made by hand"]).await;
    let unknown = skip("2").await;
    assert_eq!(unknown.status.code(), Some(4), "{}", stderr(&unknown));

    // Who waits for a missing sequence is parked after a second, not a quarter of an hour.
    shop.stack.given_code(|| project_order::function().gap_patience(Duration::from_secs(1)));
    for sequence in [1, 3, 4] {
        shop.stack.when_ordered(&change(sequence), ORDER).await;
    }
    shop.failed(2).await;
    let parked = skip("3").await;
    assert_eq!(parked.status.code(), Some(1), "{}", stderr(&parked));
    assert!(stderr(&parked).contains("error[not_missing]") && stderr(&parked).contains("it is parked"));

    let skipped = skip("2").await;
    assert_eq!(skipped.status.code(), Some(0), "{}", stderr(&skipped));
    let said = String::from_utf8_lossy(&skipped.stdout).into_owned();
    assert_eq!(said.lines().filter(|line| line.starts_with("fail_") && line.ends_with(" sent")).count(), 2, "{said}");
    assert_eq!(shop.history().await, [1, 3, 4]);
    let line = shop.stack.rows_where("journal", "stage", "skipped").await.remove(0);
    assert!(line["cause"].as_str().unwrap().ends_with("never existed: made by hand"), "{line}");
}

/// A redrive was interrupted when all was sent and the last was not marked: the key is not parked any more, and a failure of it is open.
#[tokio::test]
async fn a_key_that_an_interrupted_redrive_emptied_is_settled() {
    let shop = Shop::open().await;
    // A view that cannot be written parks the change.
    let broken = json!({ "order_id": ORDER, "version": 1, "status": "placed", "history": "broken" });
    shop.stack.given_item("order-views", &broken).await;
    shop.stack.when_ordered(&change(2), ORDER).await;
    shop.failed(1).await;
    let failure = shop.stack.reader().open_failures().await.unwrap().remove(0);
    let message = failure.message_id.clone().unwrap();
    let redriver = shop.stack.redriver();
    assert!(redriver.begin(&failure).await.unwrap());
    leave_out(&shop, &message).await;

    let settled = shop.throughline(&["redrive", ORDER]).await;
    assert_eq!(settled.status.code(), Some(0), "{}", stderr(&settled));
    let said = String::from_utf8_lossy(&settled.stdout).into_owned();
    assert!(said.starts_with(&format!("{} was through", failure.failure_id)), "{said}");

    // It is found by its message's id although it is settled.
    for command in [&["failures", &message][..], &["trace", &message]] {
        let found = shop.throughline(command).await;
        assert_eq!(found.status.code(), Some(0), "{}", stderr(&found));
        assert!(String::from_utf8_lossy(&found.stdout).contains("project-order"));
    }
    let shown = shop.throughline(&["failures", &message, "--json"]).await;
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!((&shown["status"], &shown["redriven_as"]), (&json!("redriven"), &json!("unknown")));
    let again = shop.throughline(&["redrive", ORDER]).await;
    assert_eq!(again.status.code(), Some(4), "{}", stderr(&again));
}

/// The key's row is gone, as when its last event is through.
async fn leave_out(shop: &Shop, message: &str) {
    let key = json!({ "TableName": "orders-idempotency", "Key": { "key": { "S": format!("parked|project-order|{ORDER}") } } });
    let cloud = shop.stack.cloud();
    let row = cloud.call(throughline_sandbox::Service::DynamoDb, "GetItem", key.clone()).await.unwrap();
    assert_eq!(row["Item"]["head"]["M"]["message_id"]["S"], message);
    cloud.call(throughline_sandbox::Service::DynamoDb, "DeleteItem", key).await.unwrap();
}
