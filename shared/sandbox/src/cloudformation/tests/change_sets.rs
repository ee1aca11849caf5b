//! Change sets.

use super::{ask, create, ok, refused, status};
use crate::testing::cloud;
use crate::xml::Element;

const FIRST: &str = r#"{ "Resources": {
    "Q": { "Type": "AWS::SQS::Queue", "Properties": { "VisibilityTimeout": 10 } },
    "P": { "Type": "AWS::SQS::QueuePolicy", "Properties": { "Queues": [{ "Ref": "Q" }], "PolicyDocument": { "Statement": [] } } },
    "X": { "Type": "AWS::SQS::Queue" } } }"#;

const SECOND: &str = r#"{ "Resources": {
    "Q": { "Type": "AWS::SQS::Queue", "Properties": { "VisibilityTimeout": 20, "FifoQueue": true } },
    "P": { "Type": "AWS::SQS::QueuePolicy", "Properties": { "Queues": [{ "Ref": "Q" }], "PolicyDocument": { "Statement": [] } } },
    "Y": { "Type": "AWS::SQS::Queue" } } }"#;

fn changes(set: &Element) -> Vec<String> {
    let show = |member: &Element| {
        let change = member.child("ResourceChange").unwrap();
        let text = |name: &str| change.child_text(name).unwrap_or("-").to_owned();
        let details = change.child("Details").unwrap().all("member").map(|detail| {
            let target = detail.child("Target").unwrap();
            let text = |element: &Element, name: &str| element.child_text(name).unwrap_or("-").to_owned();
            let about = [text(target, "Name"), text(target, "RequiresRecreation"), text(detail, "Evaluation")];
            format!(" ({} {} {})", about.join(" "), text(detail, "ChangeSource"), text(detail, "CausingEntity"))
        });
        let line = ["Action", "LogicalResourceId", "Replacement"].map(text).join(" ");
        line + &details.collect::<String>()
    };
    set.child("Changes").unwrap().all("member").map(show).collect()
}

#[tokio::test(start_paused = true)]
async fn a_change_set_says_what_an_update_would_do_and_does_it() {
    let cloud = cloud();
    create(&cloud, "one", FIRST).await;
    let names = [("StackName", "one"), ("ChangeSetName", "set")];
    let answer = ok(&cloud, "CreateChangeSet", &[&names, [("TemplateBody", SECOND)].as_slice()].concat()).await;
    let id = answer.child_text("Id").unwrap();
    let set = ok(&cloud, "DescribeChangeSet", &[("ChangeSetName", id)]).await;
    assert_eq!(
        (set.child_text("Status"), set.child_text("ExecutionStatus")),
        (Some("CREATE_COMPLETE"), Some("AVAILABLE"))
    );
    assert_eq!(
        changes(&set),
        [
            "Modify Q True (VisibilityTimeout Never Static DirectModification -) (FifoQueue Always Static DirectModification -)",
            "Modify P False (Queues Never Static ResourceReference Q)",
            "Add Y -",
            "Remove X -",
        ]
    );
    // Nothing happened yet.
    assert_eq!(status(&cloud, "one").await, "CREATE_COMPLETE");
    ok(&cloud, "ExecuteChangeSet", &names).await;
    assert_eq!(status(&cloud, "one").await, "UPDATE_COMPLETE");
    let listed = ok(&cloud, "ListStackResources", &[("StackName", "one")]).await;
    let ids: Vec<_> = listed.child("StackResourceSummaries").unwrap().all("member").collect();
    let ids: Vec<_> = ids.iter().map(|resource| resource.child_text("LogicalResourceId").unwrap()).collect();
    assert_eq!(ids, ["Q", "P", "Y"]);
    let set = ok(&cloud, "DescribeChangeSet", &names).await;
    assert_eq!(set.child_text("ExecutionStatus"), Some("EXECUTE_COMPLETE"));
    let (code, _) = refused(&cloud, "ExecuteChangeSet", &names).await;
    assert_eq!(code, "InvalidChangeSetStatus");
    // Its name is free again.
    ok(&cloud, "CreateChangeSet", &[&names, [("TemplateBody", FIRST)].as_slice()].concat()).await;
    let set = ok(&cloud, "DescribeChangeSet", &names).await;
    assert_eq!(set.child_text("ExecutionStatus"), Some("AVAILABLE"));
}

#[tokio::test(start_paused = true)]
async fn a_change_set_makes_a_stack() {
    let cloud = cloud();
    let names = [("StackName", "one"), ("ChangeSetName", "set")];
    let (_, message) =
        refused(&cloud, "CreateChangeSet", &[&names, [("TemplateBody", FIRST)].as_slice()].concat()).await;
    assert_eq!(message, "Stack [one] does not exist");
    let fields = [&names, [("TemplateBody", FIRST), ("ChangeSetType", "CREATE")].as_slice()].concat();
    ok(&cloud, "CreateChangeSet", &fields).await;
    assert_eq!(status(&cloud, "one").await, "REVIEW_IN_PROGRESS");
    assert_eq!(refused(&cloud, "CreateChangeSet", &fields).await.0, "AlreadyExistsException");
    ok(&cloud, "ExecuteChangeSet", &names).await;
    assert_eq!(status(&cloud, "one").await, "CREATE_COMPLETE");
    let (code, message) = refused(
        &cloud,
        "CreateChangeSet",
        &[("StackName", "one"), ("ChangeSetName", "other"), ("TemplateBody", FIRST), ("ChangeSetType", "CREATE")],
    )
    .await;
    assert_eq!(code, "ValidationError");
    assert_eq!(message, "Stack [one] already exists and cannot be created again with the changeSet [other].");
}

#[tokio::test(start_paused = true)]
async fn a_change_set_without_changes_fails_and_can_be_deleted() {
    let cloud = cloud();
    create(&cloud, "one", FIRST).await;
    let names = [("StackName", "one"), ("ChangeSetName", "set")];
    ok(&cloud, "CreateChangeSet", &[&names, [("TemplateBody", FIRST)].as_slice()].concat()).await;
    let set = ok(&cloud, "DescribeChangeSet", &names).await;
    assert_eq!((set.child_text("Status"), set.child_text("ExecutionStatus")), (Some("FAILED"), Some("UNAVAILABLE")));
    assert_eq!(
        set.child_text("StatusReason"),
        Some("The submitted information didn't contain changes. Submit different information to create a change set.")
    );
    let listed = ok(&cloud, "ListChangeSets", &[("StackName", "one")]).await;
    assert_eq!(listed.child("Summaries").unwrap().all("member").count(), 1);
    ok(&cloud, "DeleteChangeSet", &names).await;
    let (status, body) = ask(&cloud, "DescribeChangeSet", &names).await;
    assert!(status == 404 && body.contains("<Code>ChangeSetNotFound</Code>"), "{body}");
    assert!(body.contains("ChangeSet [set] does not exist"), "{body}");
}

#[tokio::test(start_paused = true)]
async fn a_parameters_new_value_is_named_and_values_are_shown_when_asked() {
    let cloud = cloud();
    let template = r#"{ "Parameters": { "V": { "Type": "Number", "Default": 1 } }, "Resources": {
        "Q": { "Type": "AWS::SQS::Queue", "Properties": { "VisibilityTimeout": { "Ref": "V" } } } } }"#;
    create(&cloud, "one", template).await;
    let names = [("StackName", "one"), ("ChangeSetName", "set")];
    let fields = [
        ("UsePreviousTemplate", "true"),
        ("Parameters.member.1.ParameterKey", "V"),
        ("Parameters.member.1.ParameterValue", "2"),
    ];
    ok(&cloud, "CreateChangeSet", &[names.as_slice(), &fields].concat()).await;
    let set = ok(&cloud, "DescribeChangeSet", &names).await;
    let expected = "Modify Q False (VisibilityTimeout Never Static ParameterReference V) \
                    (VisibilityTimeout Never Dynamic DirectModification -)";
    assert_eq!(changes(&set), [expected]);
    let fields = [names.as_slice(), &[("IncludePropertyValues", "true")]].concat();
    let set = ok(&cloud, "DescribeChangeSet", &fields).await;
    let change = set.child("Changes").unwrap().child("member").unwrap().child("ResourceChange").unwrap();
    assert_eq!(change.child_text("BeforeContext"), Some(r#"{"Properties":{"VisibilityTimeout":"1"}}"#));
    assert_eq!(change.child_text("AfterContext"), Some(r#"{"Properties":{"VisibilityTimeout":"2"}}"#));
    let target = change.child("Details").unwrap().child("member").unwrap().child("Target").unwrap();
    let shown =
        ["Path", "BeforeValue", "AfterValue", "AttributeChangeType"].map(|name| target.child_text(name).unwrap());
    assert_eq!(shown, ["/Properties/VisibilityTimeout", "1", "2", "Modify"]);
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_waits_for_a_change_set_can_be_made_without_it() {
    let cloud = cloud();
    let names = [("StackName", "one"), ("ChangeSetName", "set")];
    let fields = [&names, [("TemplateBody", FIRST), ("ChangeSetType", "CREATE")].as_slice()].concat();
    let waiting = ok(&cloud, "CreateChangeSet", &fields).await;
    let made = ok(&cloud, "CreateStack", &[("StackName", "one"), ("TemplateBody", FIRST)]).await;
    assert_eq!(made.child_text("StackId"), waiting.child_text("StackId"));
    assert_eq!(status(&cloud, "one").await, "CREATE_COMPLETE");
    let set = ok(&cloud, "DescribeChangeSet", &names).await;
    assert_eq!(set.child_text("ExecutionStatus"), Some("OBSOLETE"));
}

#[tokio::test(start_paused = true)]
async fn stacks_and_change_sets_that_are_not_there() {
    let cloud = cloud();
    for operation in ["DescribeChangeSet", "DeleteChangeSet", "DescribeStackEvents"] {
        let (code, message) = refused(&cloud, operation, &[("StackName", "none"), ("ChangeSetName", "set")]).await;
        assert_eq!((code.as_str(), message.as_str()), ("ValidationError", "Stack [none] does not exist"));
    }
    let (_, message) = refused(&cloud, "DescribeChangeSet", &[("ChangeSetName", "set")]).await;
    assert_eq!(message, "StackName must be specified if ChangeSetName is not specified as an ARN.");
    let (_, message) = refused(&cloud, "GetTemplate", &[]).await;
    assert_eq!(message, "StackName is required if ChangeSetName is not specified.");
}
