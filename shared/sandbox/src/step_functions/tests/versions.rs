//! Versions and aliases.

use super::*;

async fn update(cloud: &Cloud, arn: &str, seconds: u64, publish: bool) -> Value {
    let input = json!({"stateMachineArn": arn, "definition": wait(seconds).to_string(), "publish": publish});
    ok(cloud, "UpdateStateMachine", input).await
}

#[tokio::test(start_paused = true)]
async fn a_version_keeps_what_the_machine_was() {
    let cloud = cloud();
    let arn = machine(&cloud, "m", wait(1)).await;
    let described = ok(&cloud, "DescribeStateMachine", json!({ "stateMachineArn": arn })).await;
    assert_eq!(described.get("revisionId"), None);
    let first = text(
        &ok(&cloud, "PublishStateMachineVersion", json!({ "stateMachineArn": arn })).await,
        "stateMachineVersionArn",
    );
    assert_eq!(first, format!("{arn}:1"));
    let again = ok(&cloud, "PublishStateMachineVersion", json!({ "stateMachineArn": arn })).await;
    assert_eq!(text(&again, "stateMachineVersionArn"), first);
    let updated = update(&cloud, &arn, 2, true).await;
    assert_eq!(text(&updated, "stateMachineVersionArn"), format!("{arn}:2"));
    let unchanged = update(&cloud, &arn, 2, false).await;
    assert_eq!(unchanged["revisionId"], updated["revisionId"]);
    let old = ok(&cloud, "DescribeStateMachine", json!({ "stateMachineArn": first })).await;
    assert_eq!((&old["definition"], &old["stateMachineArn"]), (&json!(wait(1).to_string()), &json!(first)));
    let error =
        refused(&cloud, "PublishStateMachineVersion", json!({"stateMachineArn": arn, "revisionId": "INITIAL"})).await;
    assert_eq!(error.code, "ConflictException");
    let execution = start(&cloud, &first, "e", json!({})).await;
    let described = ok(&cloud, "DescribeExecution", json!({ "executionArn": execution })).await;
    assert_eq!((&described["stateMachineArn"], &described["stateMachineVersionArn"]), (&json!(arn), &json!(first)));
}

#[tokio::test(start_paused = true)]
async fn numbers_of_versions_are_not_used_again() {
    let cloud = cloud();
    let arn = machine(&cloud, "m", wait(1)).await;
    let publish = || ok(&cloud, "PublishStateMachineVersion", json!({ "stateMachineArn": arn }));
    let first = text(&publish().await, "stateMachineVersionArn");
    ok(&cloud, "DeleteStateMachineVersion", json!({ "stateMachineVersionArn": first })).await;
    assert_eq!(text(&publish().await, "stateMachineVersionArn"), format!("{arn}:2"));
    let listed = ok(&cloud, "ListStateMachineVersions", json!({ "stateMachineArn": arn })).await;
    assert_eq!(listed["stateMachineVersions"].as_array().unwrap().len(), 1);
    assert_eq!(
        refused(&cloud, "DescribeStateMachine", json!({ "stateMachineArn": first })).await.code,
        "StateMachineDoesNotExist"
    );
}

#[tokio::test(start_paused = true)]
async fn an_alias_leads_to_versions_by_weight() {
    let cloud = cloud();
    let arn = machine(&cloud, "m", wait(1)).await;
    update(&cloud, &arn, 2, true).await;
    update(&cloud, &arn, 3, true).await;
    let route =
        |number: u64, weight: u64| json!({"stateMachineVersionArn": format!("{arn}:{number}"), "weight": weight});
    let create = |routes: Value| json!({"name": "live", "routingConfiguration": routes});
    let refusals = [
        (
            json!([route(1, 60), route(2, 30)]),
            "Sum of routing configuration weights must equal 100. Received: [60, 30]",
        ),
        (
            json!([route(1, 50), route(1, 50)]),
            "Routing configuration must contain distinct state machine version ARNs. Received: ",
        ),
        (
            json!([{"stateMachineVersionArn": arn, "weight": 100}]),
            "Routing configuration must contain state machine version ARNs. Received: ",
        ),
    ];
    for (routes, message) in refusals {
        let error = refused(&cloud, "CreateStateMachineAlias", create(routes)).await;
        assert!(error.message.starts_with(message), "{error}");
    }
    let alias = ok(&cloud, "CreateStateMachineAlias", create(json!([route(1, 50), route(2, 50)]))).await;
    let alias = text(&alias, "stateMachineAliasArn");
    let mut versions = std::collections::BTreeSet::new();
    for number in 0..20 {
        let execution = start(&cloud, &alias, &format!("e{number}"), json!({})).await;
        let described = ok(&cloud, "DescribeExecution", json!({ "executionArn": execution })).await;
        assert_eq!(described["stateMachineAliasArn"], json!(alias));
        versions.insert(text(&described, "stateMachineVersionArn"));
    }
    assert_eq!(versions.len(), 2);
    let listed = ok(&cloud, "ListExecutions", json!({ "stateMachineArn": alias })).await;
    assert_eq!(listed["executions"].as_array().unwrap().len(), 20);
    let error =
        refused(&cloud, "DeleteStateMachineVersion", json!({"stateMachineVersionArn": format!("{arn}:1")})).await;
    assert!(error.message.ends_with("[live]"), "{error}");
    ok(&cloud, "DeleteStateMachineAlias", json!({ "stateMachineAliasArn": alias })).await;
    let error = refused(&cloud, "DescribeStateMachineAlias", json!({ "stateMachineAliasArn": alias })).await;
    assert_eq!(error.code, "ResourceNotFound");
    cloud.settle(HOUR).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn references_to_variables_are_shown_by_state() {
    let cloud = cloud();
    let definition = json!({
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
            "B": {"Type": "Pass", "Parameters": {"v.$": "States.MathAdd($x, $.y)", "w": "$not"}, "Next": "C"},
            "C": {
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Output": "{% ($own := 1; $own + $x + $sum([1]) + $map([1], function($n) { $n }) + $states.input) %}",
                "End": true,
            },
        },
    });
    let arn = machine(&cloud, "m", definition).await;
    let described = ok(&cloud, "DescribeStateMachine", json!({ "stateMachineArn": arn })).await;
    assert_eq!(described["variableReferences"], json!({"B": ["x"], "C": ["x"]}));
}
