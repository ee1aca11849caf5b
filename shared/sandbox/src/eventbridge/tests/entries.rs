use serde_json::{Value, json};

use super::{Bench, entry};

fn error(answer: &Value, index: usize) -> (&str, &str) {
    let entry = &answer["Entries"][index];
    (entry["ErrorCode"].as_str().unwrap(), entry["ErrorMessage"].as_str().unwrap())
}

#[tokio::test(start_paused = true)]
async fn entries_fail_one_by_one() {
    let bench = Bench::new();
    let good = json!({"Source": "orders", "DetailType": "t", "Detail": "{}"});
    let with = |member: &str, value: Value| {
        let mut entry = good.clone();
        entry[member] = value;
        entry
    };
    let without = |member: &str| with(member, Value::Null);
    let entries = json!([
        good,
        without("Source"),
        without("DetailType"),
        without("Detail"),
        with("Detail", "[1]".into()),
        with("Detail", "{".into()),
        with("Source", "aws.ec2".into()),
        with("EventBusName", "nowhere".into()),
    ]);
    let answer = bench.call("PutEvents", json!({"Entries": entries})).await.unwrap();
    assert_eq!(answer["FailedEntryCount"], 6);
    assert!(answer["Entries"][0]["EventId"].is_string());
    let missing = |name: &str| format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
    assert_eq!(error(&answer, 1), ("InvalidArgument", missing("Source").as_str()));
    assert_eq!(error(&answer, 2), ("InvalidArgument", missing("DetailType").as_str()));
    assert_eq!(error(&answer, 3), ("InvalidArgument", missing("Detail").as_str()));
    assert_eq!(error(&answer, 4), ("MalformedDetail", "Detail is malformed."));
    assert_eq!(error(&answer, 5), ("MalformedDetail", "Detail is malformed."));
    assert_eq!(error(&answer, 6), ("NotAuthorizedForSourceException", "Not authorized for the source."));
    assert!(answer["Entries"][7]["EventId"].is_string(), "an unknown bus swallows events");
}

#[tokio::test(start_paused = true)]
async fn a_request_has_one_to_ten_entries() {
    let bench = Bench::new();
    let (code, message) = bench.refused("PutEvents", json!({"Entries": []})).await;
    assert_eq!(code, "ValidationException");
    assert_eq!(
        message,
        "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater \
         than or equal to 1"
    );
    let eleven = vec![json!({"Source": "s", "DetailType": "t", "Detail": "{}"}); 11];
    let (_, message) = bench.refused("PutEvents", json!({"Entries": eleven})).await;
    assert!(message.starts_with("1 validation error detected: Value '[PutEventsRequestEntry(time=null, source=s, resources=null, detailType=t, detail={}, eventBusName=null,"), "{message}");
    assert!(
        message
            .ends_with("at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10")
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_has_at_most_a_mebibyte() {
    let bench = Bench::new();
    let of = |bytes: usize| json!({"Source": "s", "DetailType": "t", "Detail": format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8))});
    let fits = json!({"Entries": [of(1_048_576 - 2)]});
    assert_eq!(bench.call("PutEvents", fits).await.unwrap()["FailedEntryCount"], 0);
    let (code, message) = bench.refused("PutEvents", json!({"Entries": [of(600_000), of(500_000)]})).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("ValidationException", "Total size of the entries in the request is over the limit.")
    );
}

#[tokio::test(start_paused = true)]
async fn the_entry_may_say_its_time_and_resources() {
    let bench = Bench::new();
    let queue = bench.queue("q", json!({})).await;
    bench.rule("r", &json!({"resources": ["arn:x"]}), super::target(&queue)).await;
    let mut timed = entry(&json!({}));
    timed.time = Some(aws_smithy_types::DateTime::from_secs(86_400));
    timed.resources = Some(vec!["arn:x".into()]);
    bench.client.put_events().entries(timed).send().await.unwrap();
    bench.settle().await;
    let body: Value = serde_json::from_str(&bench.bodies("q").await[0]).unwrap();
    assert_eq!(body["time"], "1970-01-02T00:00:00Z");
    assert_eq!(body["resources"], json!(["arn:x"]));
}

#[tokio::test(start_paused = true)]
async fn a_pattern_can_be_tested() {
    let bench = Bench::new();
    let event = json!({"id": "1", "account": "1", "source": "orders", "time": "t", "region": "r", "detail-type": "t", "resources": []});
    let test = |pattern: &str, event: &Value| json!({"EventPattern": pattern, "Event": event.to_string()});
    let result = bench.call("TestEventPattern", test(r#"{"source":["orders"]}"#, &event)).await.unwrap();
    assert_eq!(result, json!({"Result": true}));
    let result = bench.call("TestEventPattern", test(r#"{"source":["x"]}"#, &event)).await.unwrap();
    assert_eq!(result, json!({"Result": false}));
    let refused = bench.refused("TestEventPattern", test(r#"{"source":["x"]}"#, &json!("text"))).await;
    assert_eq!(refused, ("ValidationException".into(), "Parameter Event is not valid.".into()));
    let refused = bench.refused("TestEventPattern", test(r#"{"source":"x"}"#, &event)).await;
    assert_eq!(refused.0, "InvalidEventPatternException");
    assert!(refused.1.starts_with(
        "Event pattern is not valid. Reason: \"source\" must be an object or an array\n at [Source: (String)"
    ));
}
