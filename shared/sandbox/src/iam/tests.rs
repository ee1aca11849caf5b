//! Over the wire.

use crate::Cloud;
use crate::query::tests::post;
use crate::testing::cloud;

async fn ask(cloud: &Cloud, action: &str, rest: &str) -> (u16, String) {
    post(cloud, &format!("Action={action}&Version=2010-05-08{rest}")).await
}

const TRUST: &str = "&AssumeRolePolicyDocument=%7B%22Version%22%3A%222012-10-17%22%7D";

#[tokio::test]
async fn a_role_is_kept_and_shown() {
    let cloud = cloud();
    let (status, body) =
        ask(&cloud, "CreateRole", &format!("&RoleName=r{TRUST}&Tags.member.1.Key=a&Tags.member.1.Value=b")).await;
    assert_eq!(status, 200, "{body}");
    let (_, body) = ask(&cloud, "GetRole", "&RoleName=r").await;
    for part in [
        "<Arn>arn:aws:iam::000000000000:role/r</Arn>",
        "<AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</AssumeRolePolicyDocument>",
        "<Tags><member><Key>a</Key><Value>b</Value></member></Tags>",
        "<MaxSessionDuration>3600</MaxSessionDuration>",
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    let (status, body) = ask(&cloud, "CreateRole", &format!("&RoleName=r{TRUST}")).await;
    assert_eq!(status, 409);
    assert!(body.contains("EntityAlreadyExists") && body.contains("Role with name r already exists."), "{body}");
    let (status, body) = ask(&cloud, "GetRole", "&RoleName=other").await;
    assert_eq!(status, 404);
    assert!(body.contains("NoSuchEntity") && body.contains("The role with name other cannot be found."), "{body}");
}

#[tokio::test]
async fn a_role_goes_only_after_its_policies() {
    let cloud = cloud();
    ask(&cloud, "CreateRole", &format!("&RoleName=r{TRUST}")).await;
    let (_, body) = ask(&cloud, "CreatePolicy", "&PolicyName=p&PolicyDocument=%7B%7D").await;
    assert!(body.contains("<Arn>arn:aws:iam::000000000000:policy/p</Arn>"), "{body}");
    let arn = "&PolicyArn=arn:aws:iam::000000000000:policy/p";
    assert_eq!(ask(&cloud, "AttachRolePolicy", &format!("&RoleName=r{arn}")).await.0, 200);
    assert_eq!(ask(&cloud, "PutRolePolicy", "&RoleName=r&PolicyName=own&PolicyDocument=%7B%7D").await.0, 200);
    let (_, body) = ask(&cloud, "ListRolePolicies", "&RoleName=r").await;
    assert!(body.contains("<PolicyNames><member>own</member></PolicyNames>"), "{body}");
    assert_eq!(ask(&cloud, "DeletePolicy", arn).await.0, 409);
    let (status, body) = ask(&cloud, "DeleteRole", "&RoleName=r").await;
    assert_eq!(status, 409);
    assert!(body.contains("must detach all policies first"), "{body}");
    assert_eq!(ask(&cloud, "DetachRolePolicy", &format!("&RoleName=r{arn}")).await.0, 200);
    assert!(ask(&cloud, "DeleteRole", "&RoleName=r").await.1.contains("must delete policies first"));
    assert_eq!(ask(&cloud, "DeleteRolePolicy", "&RoleName=r&PolicyName=own").await.0, 200);
    assert_eq!(ask(&cloud, "DeleteRole", "&RoleName=r").await.0, 200);
    assert_eq!(ask(&cloud, "DeletePolicy", arn).await.0, 200);
    let missing = ask(&cloud, "AttachRolePolicy", &format!("&RoleName=r{arn}")).await;
    assert_eq!(missing.0, 404);
}

#[tokio::test]
async fn a_policy_has_versions() {
    let cloud = cloud();
    ask(&cloud, "CreatePolicy", "&PolicyName=p&PolicyDocument=%7B%22a%22%3A1%7D").await;
    let arn = "&PolicyArn=arn:aws:iam::000000000000:policy/p";
    let second = format!("{arn}&PolicyDocument=%7B%22a%22%3A2%7D&SetAsDefault=true");
    assert!(ask(&cloud, "CreatePolicyVersion", &second).await.1.contains("<VersionId>v2</VersionId>"));
    let (_, body) = ask(&cloud, "GetPolicyVersion", &format!("{arn}&VersionId=v2")).await;
    assert!(body.contains("%7B%22a%22%3A2%7D") && body.contains("<IsDefaultVersion>true"), "{body}");
    assert_eq!(ask(&cloud, "DeletePolicyVersion", &format!("{arn}&VersionId=v2")).await.0, 409);
    assert_eq!(ask(&cloud, "DeletePolicyVersion", &format!("{arn}&VersionId=v1")).await.0, 200);
    let (_, body) = ask(&cloud, "CreatePolicy", "&PolicyName=q&PolicyDocument=nonsense").await;
    assert!(body.contains("MalformedPolicyDocument"), "{body}");
}
