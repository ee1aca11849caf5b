use std::time::Duration;

use serde_json::{Value, json};

use super::{Bench, target};

#[tokio::test(start_paused = true)]
async fn a_rate_runs_until_it_is_disabled() {
    let bench = Bench::new();
    let queue = bench.queue("q", json!({})).await;
    bench.client.put_rule().name("tick").schedule_expression("rate(5 minutes)").send().await.unwrap();
    bench.client.put_targets().rule("tick").targets(target(&queue)).send().await.unwrap();
    assert_eq!(bench.cloud.pending(), None, "a schedule is not under way");
    tokio::time::sleep(Duration::from_secs(11 * 60)).await;
    let bodies = bench.bodies("q").await;
    assert_eq!(bodies.len(), 2);
    let event: Value = serde_json::from_str(&bodies[0]).unwrap();
    assert_eq!(event["detail-type"], "Scheduled Event");
    assert_eq!(event["source"], "aws.events");
    assert_eq!(event["time"], "2026-11-24T12:05:00Z");
    assert_eq!(event["resources"], json!([bench.cloud.arn("events", "rule/tick")]));
    assert_eq!(event["detail"], json!({}));
    bench.client.disable_rule().name("tick").send().await.unwrap();
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert!(bench.bodies("q").await.is_empty());
    bench.client.enable_rule().name("tick").send().await.unwrap();
    tokio::time::sleep(Duration::from_secs(6 * 60)).await;
    assert_eq!(bench.bodies("q").await.len(), 1);
    bench.client.remove_targets().rule("tick").ids("1").send().await.unwrap();
    bench.client.delete_rule().name("tick").send().await.unwrap();
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert!(bench.bodies("q").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn cron_runs_at_its_minutes() {
    let bench = Bench::new();
    let queue = bench.queue("q", json!({})).await;
    bench.client.put_rule().name("daily").schedule_expression("cron(30 6 * * ? *)").send().await.unwrap();
    bench.client.put_targets().rule("daily").targets(target(&queue)).send().await.unwrap();
    tokio::time::sleep(Duration::from_secs(2 * 86_400)).await;
    let times: Vec<Value> = bench
        .bodies("q")
        .await
        .iter()
        .map(|body| serde_json::from_str::<Value>(body).unwrap()["time"].clone())
        .collect();
    assert_eq!(times, ["2026-11-25T06:30:00Z", "2026-11-26T06:30:00Z"]);
}
