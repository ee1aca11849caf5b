use serde_json::{Value, json};

use super::Bench;

async fn policy(bench: &Bench) -> Option<Value> {
    let described = bench.client.describe_event_bus().name("own").send().await.unwrap();
    described.policy().map(|policy| serde_json::from_str(policy).unwrap())
}

#[tokio::test(start_paused = true)]
async fn statements_are_added_replaced_and_removed() {
    let bench = Bench::new();
    bench.client.create_event_bus().name("own").send().await.unwrap();
    let put = |id: &str, principal: &str| {
        let request = bench.client.put_permission().event_bus_name("own").action("events:PutEvents");
        request.statement_id(id).principal(principal).send()
    };
    put("one", "111122223333").await.unwrap();
    put("two", "*").await.unwrap();
    put("two", "*").await.unwrap();
    let arn = bench.cloud.arn("events", "event-bus/own");
    let statement = |id: &str, principal: Value| json!({"Sid": id, "Effect": "Allow", "Principal": principal, "Action": "events:PutEvents", "Resource": arn});
    let one = statement("one", json!({"AWS": "arn:aws:iam::111122223333:root"}));
    let two = statement("two", json!("*"));
    assert_eq!(policy(&bench).await, Some(json!({"Version": "2012-10-17", "Statement": [one, two]})));
    bench.client.remove_permission().event_bus_name("own").statement_id("one").send().await.unwrap();
    assert_eq!(policy(&bench).await, Some(json!({"Version": "2012-10-17", "Statement": [two]})));
    let whole = json!({"Version": "2012-10-17", "Statement": []});
    bench.client.put_permission().event_bus_name("own").policy(whole.to_string()).send().await.unwrap();
    assert_eq!(policy(&bench).await, Some(whole));
    bench.client.remove_permission().event_bus_name("own").remove_all_permissions(true).send().await.unwrap();
    assert_eq!(policy(&bench).await, None);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_said_in_aws_s_words() {
    let bench = Bench::new();
    let refused = bench.refused("RemovePermission", json!({"StatementId": "none"})).await;
    assert_eq!(refused, ("ResourceNotFoundException".into(), "Statement with the provided id does not exist.".into()));
    let refused = bench.refused("PutPermission", json!({"EventBusName": "none", "Action": "events:PutEvents"})).await;
    assert_eq!(refused, ("ResourceNotFoundException".into(), "Event bus none does not exist.".into()));
    let request = json!({"Action": "sqs:SendMessage", "Principal": "me", "StatementId": "a b"});
    let refused = bench.refused("PutPermission", request).await;
    assert!(refused.1.starts_with("3 validation errors detected: Value 'me' at 'principal'"), "{}", refused.1);
}
