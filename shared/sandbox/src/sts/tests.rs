//! Over the wire.

use crate::query::tests::post;
use crate::testing::cloud;
use crate::xml::Element;

#[tokio::test(start_paused = true)]
async fn a_role_is_assumed_for_as_long_as_it_was_asked() {
    let form = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::000000000000:role/path/deploy\
                &RoleSessionName=me&DurationSeconds=900";
    let (status, body) = post(&cloud(), form).await;
    assert_eq!(status, 200, "{body}");
    let answer = Element::parse(&body).unwrap();
    let result = answer.child("AssumeRoleResult").unwrap();
    let user = result.child("AssumedRoleUser").unwrap();
    assert_eq!(user.child_text("Arn"), Some("arn:aws:sts::000000000000:assumed-role/deploy/me"));
    let credentials = result.child("Credentials").unwrap();
    assert_eq!(credentials.child_text("Expiration"), Some("2026-11-24T12:15:00Z"));
    let key = credentials.child_text("AccessKeyId").unwrap();
    assert!(key.starts_with("ASIA") && key.len() == 20, "{key}");
}

#[tokio::test(start_paused = true)]
async fn a_session_token_lasts_twelve_hours_and_durations_have_limits() {
    let (_, body) = post(&cloud(), "Action=GetSessionToken&Version=2011-06-15").await;
    assert!(body.contains("<Expiration>2026-11-25T00:00:00Z</Expiration>"), "{body}");
    let (status, body) = post(&cloud(), "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=1").await;
    assert_eq!(status, 400);
    assert!(body.contains("<Code>ValidationError</Code>"), "{body}");
}

#[tokio::test(start_paused = true)]
async fn sessions_and_their_tags_have_rules() {
    let cloud = cloud();
    let assume = async |more: &str| {
        let role = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::000000000000:role/r";
        post(&cloud, &format!("{role}&RoleSessionName={more}")).await.1
    };
    let body = assume("a:b").await;
    assert!(body.contains("Value 'a:b' at 'roleSessionName'") && body.contains(r"pattern: [\w+=,.@-]*"), "{body}");
    let twice = assume("s&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=A&Tags.member.2.Value=2").await;
    assert!(twice.contains("Tag keys are case insensitive."), "{twice}");
    let missing = assume("s&TransitiveTagKeys.member.1=a").await;
    assert!(missing.contains("must be included in the requested tags."), "{missing}");
}
