//! The embedded metric format.

use serde_json::{Value, json};

use super::{Bench, NOON, query};
use crate::cloud::Service;

async fn log(bench: &Bench, line: &Value) {
    let call = |operation: &'static str, input| bench.cloud.call(Service::Logs, operation, input);
    let _ = call("CreateLogGroup", json!({"logGroupName": "g"})).await;
    let _ = call("CreateLogStream", json!({"logGroupName": "g", "logStreamName": "s"})).await;
    let events = json!([{"timestamp": NOON * 1_000, "message": format!("{line}\n")}]);
    call("PutLogEvents", json!({"logGroupName": "g", "logStreamName": "s", "logEvents": events})).await.unwrap();
}

fn line(directive: &Value, members: Value) -> Value {
    let mut line = members;
    line["_aws"] = json!({"Timestamp": NOON * 1_000, "CloudWatchMetrics": [directive]});
    line
}

async fn sum(bench: &Bench, name: &str, dimensions: Value) -> Value {
    let request = query(&json!({"Namespace": "shop", "MetricName": name, "Dimensions": dimensions}), "Sum", 60);
    bench.call("GetMetricData", request).await.unwrap()["MetricDataResults"][0]["Values"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_line_is_a_metric_for_every_set_of_dimensions() {
    let bench = Bench::new();
    let metrics = json!([{"Name": "time", "Unit": "Milliseconds"}, {"Name": "count"}]);
    let directive =
        json!({"Namespace": "shop", "Dimensions": [[], ["stage"], ["stage", "function"]], "Metrics": metrics});
    log(
        &bench,
        &line(&directive, json!({"stage": "test", "function": "f", "time": [10, 20.5], "count": 1, "note": "x"})),
    )
    .await;
    let (stage, function) = (json!({"Name": "stage", "Value": "test"}), json!({"Name": "function", "Value": "f"}));
    assert_eq!(sum(&bench, "time", json!([])).await, json!([30.5]));
    assert_eq!(sum(&bench, "time", json!([stage])).await, json!([30.5]));
    assert_eq!(sum(&bench, "count", json!([function, stage])).await, json!([1.0]));
    let listed = bench.call("ListMetrics", json!({})).await.unwrap();
    assert_eq!(listed["Metrics"].as_array().unwrap().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn what_breaks_the_specification_makes_no_metric() {
    let bench = Bench::new();
    let directive = |name: &str, dimensions: Value| json!({"Namespace": "shop", "Dimensions": dimensions, "Metrics": [{"Name": name}]});
    let lines = [
        line(&directive("missing", json!([[]])), json!({})),
        line(&directive("text", json!([[]])), json!({"text": "1"})),
        line(&directive("mixed", json!([[]])), json!({"mixed": [1, "2"]})),
        line(&directive("dimension", json!([["stage"]])), json!({"dimension": 1, "stage": 5})),
        line(&directive("none", json!([])), json!({"none": 1})),
        json!({"_aws": {"CloudWatchMetrics": [directive("time", json!([[]]))]}, "time": 1}),
        json!({"CloudWatchMetrics": "no metadata"}),
    ];
    for line in lines {
        log(&bench, &line).await;
    }
    assert_eq!(bench.call("ListMetrics", json!({})).await.unwrap(), json!({"Metrics": []}));
}
