//! Buckets and their settings.

use super::{ask, bucket, header, send};
use crate::testing::cloud;

#[tokio::test]
async fn a_bucket_is_created_found_and_deleted() {
    let cloud = cloud();
    bucket(&cloud).await;
    let again = send(&cloud, "PUT", "/code", &[], "").await;
    assert_eq!((again.status().as_u16(), header(&again, "location")), (200, "/code"));
    let head = send(&cloud, "HEAD", "/code", &[], "").await;
    assert_eq!((head.status().as_u16(), header(&head, "x-amz-bucket-region")), (200, "us-east-1"));
    assert!(ask(&cloud, "GET", "/", "").await.1.contains("<Bucket><Name>code</Name><CreationDate>2026-11-24T12:00:00"));
    assert!(ask(&cloud, "GET", "/code?location", "").await.1.contains("<LocationConstraint"));
    assert_eq!(ask(&cloud, "PUT", "/code/k", "x").await.0, 200);
    let (status, body) = ask(&cloud, "DELETE", "/code", "").await;
    assert!(status == 409 && body.contains("<Code>BucketNotEmpty</Code>"), "{body}");
    assert_eq!(ask(&cloud, "DELETE", "/code/k", "").await.0, 204);
    assert_eq!(ask(&cloud, "DELETE", "/code", "").await.0, 204);
    let (status, body) = ask(&cloud, "GET", "/code", "").await;
    assert!(status == 404 && body.contains("<Code>NoSuchBucket</Code>"), "{body}");
    assert!(body.contains("<BucketName>code</BucketName>"), "{body}");
    assert_eq!(ask(&cloud, "HEAD", "/code", "").await, (404, String::new()));
}

#[tokio::test]
async fn names_and_regions_have_rules() {
    let cloud = cloud();
    for name in ["/ab", "/Upper", "/under_score", "/192.168.1.1", "/-dash"] {
        let (status, body) = ask(&cloud, "PUT", name, "").await;
        assert!(status == 400 && body.contains("InvalidBucketName"), "{name}: {body}");
    }
    let elsewhere =
        "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(ask(&cloud, "PUT", "/code", elsewhere).await.0, 200);
    let world = crate::Cloud::builder(crate::Clock::wall()).worldwide().build();
    assert!(ask(&world, "PUT", "/code", elsewhere).await.1.contains("IllegalLocationConstraintException"));
}

#[tokio::test]
async fn settings_are_kept_and_shown() {
    let cloud = cloud();
    bucket(&cloud).await;
    let missing = ask(&cloud, "GET", "/code?policy", "").await.1;
    assert!(missing.contains("<Code>NoSuchBucketPolicy</Code>") && missing.contains("<BucketName>code</BucketName>"));
    assert!(ask(&cloud, "GET", "/code?tagging", "").await.1.contains("<Code>NoSuchTagSet</Code>"));
    assert!(ask(&cloud, "GET", "/code?encryption", "").await.1.contains("<SSEAlgorithm>AES256</SSEAlgorithm>"));
    assert_eq!(ask(&cloud, "PUT", "/code?policy", "{\"Version\":\"2012-10-17\"}").await.0, 204);
    assert_eq!(ask(&cloud, "GET", "/code?policy", "").await, (200, "{\"Version\":\"2012-10-17\"}".into()));
    assert!(ask(&cloud, "PUT", "/code?policy", "nonsense").await.1.contains("MalformedPolicy"));
    let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    assert_eq!(ask(&cloud, "PUT", "/code?tagging", tags).await.0, 200);
    assert_eq!(ask(&cloud, "GET", "/code?tagging", "").await, (200, tags.into()));
    assert_eq!(ask(&cloud, "DELETE", "/code?publicAccessBlock", "").await.0, 204);
    assert!(ask(&cloud, "GET", "/code?publicAccessBlock", "").await.1.contains("NoSuchPublicAccessBlockConfiguration"));
    assert_eq!(ask(&cloud, "PUT", "/code?encryption", "no xml").await.0, 400);
}

#[tokio::test]
async fn what_is_not_there_is_refused_by_name() {
    let cloud = cloud();
    bucket(&cloud).await;
    let (status, body) = ask(&cloud, "GET", "/code?website", "").await;
    assert_eq!(status, 501);
    assert!(
        body.contains("<Code>NotImplemented</Code>") && body.contains("S3 GET ?website is not supported"),
        "{body}"
    );
}

#[tokio::test]
async fn what_is_about_a_bucket_is_not_the_bucket() {
    let cloud = cloud();
    bucket(&cloud).await;
    for what in ["replication", "website", "object-lock", "inventory&id=x", "acl"] {
        for method in ["PUT", "DELETE"] {
            let (status, body) = ask(&cloud, method, &format!("/code?{what}"), "").await;
            assert!(status == 501 && body.contains("<Code>NotImplemented</Code>"), "{method} {what}: {status} {body}");
        }
        let (status, _) = ask(&cloud, "PUT", &format!("/new?{what}"), "").await;
        assert_eq!(status, 501);
    }
    assert_eq!(ask(&cloud, "HEAD", "/code", "").await.0, 200);
    assert_eq!(ask(&cloud, "HEAD", "/new", "").await.0, 404);
}
