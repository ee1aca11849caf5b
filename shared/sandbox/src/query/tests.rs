//! Forms and answers, over the wire.

use bytes::Bytes;
use http::Request;
use serde_json::json;

use super::*;
use crate::testing::cloud;

pub(crate) async fn post(cloud: &Cloud, form: &str) -> (u16, String) {
    let request = Request::post("http://127.0.0.1/")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(Bytes::from(form.to_owned()))
        .unwrap();
    let response = cloud.handle(request).await;
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

#[test]
fn lists_and_nested_members_of_a_form() {
    let form = "Action=X&Version=Y&Tags.member.2.Key=b&Tags.member.10.Key=c&Tags.member.1.Key=a+%2F&Deep.Own=1";
    let expected = json!({ "Deep": { "Own": "1" }, "Tags": [{ "Key": "a /" }, { "Key": "b" }, { "Key": "c" }] });
    assert_eq!(form::read(form), expected);
}

#[tokio::test]
async fn an_answer_is_xml_in_the_services_namespace() {
    let (status, body) = post(&cloud(), "Action=GetCallerIdentity&Version=2011-06-15").await;
    assert_eq!(status, 200);
    assert!(
        body.starts_with("<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"),
        "{body}"
    );
    assert!(body.contains("<Account>000000000000</Account>"), "{body}");
}

#[tokio::test]
async fn a_service_that_is_not_here_is_refused_by_name() {
    let (status, body) = post(&cloud(), "Action=CreateTopic&Version=2010-03-31&Name=t").await;
    assert_eq!(status, 501);
    assert!(body.contains("no service of the local cloud answers CreateTopic of the version 2010-03-31"), "{body}");
}

#[tokio::test]
async fn an_unknown_operation_is_refused_by_name() {
    for (service, version) in [("STS", "2011-06-15"), ("IAM", "2010-05-08"), ("CloudFormation", "2010-05-15")] {
        let (status, body) = post(&cloud(), &format!("Action=Nonsense&Version={version}")).await;
        assert_eq!(status, 501);
        assert!(body.contains("<Code>InvalidAction</Code>"), "{body}");
        assert!(body.contains(&format!("{service} Nonsense is not supported by the local cloud")), "{body}");
    }
}
