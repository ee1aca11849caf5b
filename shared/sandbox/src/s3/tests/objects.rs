//! Objects and their versions.

use bytes::Bytes;

use super::{ask, bucket, header, send, text};
use crate::testing::cloud;

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let cloud = cloud();
    bucket(&cloud).await;
    let headers = [("content-type", "text/plain"), ("x-amz-meta-who", "me"), ("x-amz-checksum-crc32", "y/Q5Jg==")];
    let put = send(&cloud, "PUT", "/code/a/b%20c", &headers, "123456789").await;
    assert_eq!((put.status().as_u16(), header(&put, "etag")), (200, "\"25f9e794323b453885f5181f1b624d0b\""));
    let get = send(&cloud, "GET", "/code/a/b%20c", &[("x-amz-checksum-mode", "ENABLED")], "").await;
    assert_eq!(text(&get), "123456789");
    for (name, value) in [
        ("content-type", "text/plain"),
        ("x-amz-meta-who", "me"),
        ("x-amz-checksum-crc32", "y/Q5Jg=="),
        ("x-amz-checksum-type", "FULL_OBJECT"),
        ("last-modified", "Tue, 24 Nov 2026 12:00:00 GMT"),
        ("content-length", "9"),
    ] {
        assert_eq!(header(&get, name), value, "{name}");
    }
    let head = send(&cloud, "HEAD", "/code/a/b%20c", &[], "").await;
    assert_eq!((head.status().as_u16(), header(&head, "content-length"), head.body().len()), (200, "9", 0));
    let (status, body) = ask(&cloud, "GET", "/code/none", "").await;
    assert!(status == 404 && body.contains("<Code>NoSuchKey</Code>") && body.contains("<Key>none</Key>"), "{body}");
    let virtual_host = send(&cloud, "GET", "/a/b%20c", &[("host", "code.s3.us-east-1.amazonaws.com")], "").await;
    assert_eq!(text(&virtual_host), "123456789");
}

#[tokio::test]
async fn a_wrong_checksum_is_refused() {
    let cloud = cloud();
    bucket(&cloud).await;
    for header in ["x-amz-checksum-crc32", "x-amz-checksum-sha256", "content-md5"] {
        let put = send(&cloud, "PUT", "/code/k", &[(header, "AAAAAA==")], "123456789").await;
        assert!(text(&put).contains("<Code>BadDigest</Code>"), "{}", text(&put));
    }
}

#[tokio::test]
async fn a_chunked_body_is_put_together_and_its_checksum_read_behind_it() {
    let cloud = cloud();
    bucket(&cloud).await;
    let headers = [
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "9"),
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let body = "4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
    assert_eq!(send(&cloud, "PUT", "/code/k", &headers, body).await.status().as_u16(), 200);
    let get = send(&cloud, "GET", "/code/k", &[], "").await;
    assert_eq!((text(&get).as_str(), header(&get, "content-encoding")), ("123456789", ""));
    let wrong = body.replace("y/Q5Jg==", "AAAAAA==");
    assert!(text(&send(&cloud, "PUT", "/code/k", &headers, wrong).await).contains("BadDigest"));
    assert!(text(&send(&cloud, "PUT", "/code/k", &headers, "9\r\n12").await).contains("IncompleteBody"));
}

#[tokio::test]
async fn a_part_of_an_object_and_conditions() {
    let cloud = cloud();
    bucket(&cloud).await;
    send(&cloud, "PUT", "/code/k", &[], "123456789").await;
    for (range, part, shown) in [
        ("bytes=2-4", "345", "bytes 2-4/9"),
        ("bytes=7-", "89", "bytes 7-8/9"),
        ("bytes=-2", "89", "bytes 7-8/9"),
        ("bytes=0-99", "123456789", "bytes 0-8/9"),
    ] {
        let get = send(&cloud, "GET", "/code/k", &[("range", range)], "").await;
        assert_eq!((get.status().as_u16(), text(&get).as_str(), header(&get, "content-range")), (206, part, shown));
    }
    assert_eq!(send(&cloud, "GET", "/code/k", &[("range", "bytes=9-")], "").await.status().as_u16(), 416);
    let etag = "\"25f9e794323b453885f5181f1b624d0b\"";
    assert_eq!(send(&cloud, "GET", "/code/k", &[("if-none-match", etag)], "").await.status().as_u16(), 304);
    assert_eq!(send(&cloud, "GET", "/code/k", &[("if-match", "\"x\"")], "").await.status().as_u16(), 412);
    assert_eq!(send(&cloud, "PUT", "/code/k", &[("if-none-match", "*")], "").await.status().as_u16(), 412);
    assert_eq!(send(&cloud, "PUT", "/code/k", &[("if-match", etag)], "new").await.status().as_u16(), 200);
}

#[tokio::test]
async fn a_versioned_bucket_keeps_what_is_overwritten_and_deleted() {
    let cloud = cloud();
    bucket(&cloud).await;
    let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    assert_eq!(ask(&cloud, "PUT", "/code?versioning", on).await.0, 200);
    let first = send(&cloud, "PUT", "/code/k", &[], "one").await;
    let first = header(&first, "x-amz-version-id").to_owned();
    send(&cloud, "PUT", "/code/k", &[], "two").await;
    assert_eq!(ask(&cloud, "GET", "/code/k", "").await.1, "two");
    assert_eq!(text(&send(&cloud, "GET", &format!("/code/k?versionId={first}"), &[], "").await), "one");
    let deleted = send(&cloud, "DELETE", "/code/k", &[], "").await;
    assert_eq!(header(&deleted, "x-amz-delete-marker"), "true");
    assert_eq!(ask(&cloud, "GET", "/code/k", "").await.0, 404);
    let listed = ask(&cloud, "GET", "/code?versions", "").await.1;
    assert_eq!((listed.matches("<Version>").count(), listed.matches("<DeleteMarker>").count()), (2, 1), "{listed}");
    let marker = header(&deleted, "x-amz-version-id").to_owned();
    send(&cloud, "DELETE", &format!("/code/k?versionId={marker}"), &[], "").await;
    assert_eq!(ask(&cloud, "GET", "/code/k", "").await.1, "two");
}

#[tokio::test]
async fn several_are_deleted_at_once_and_one_is_copied() {
    let cloud = cloud();
    bucket(&cloud).await;
    for key in ["/code/a", "/code/b"] {
        send(&cloud, "PUT", key, &[("x-amz-meta-who", "me"), ("x-amz-tagging", "t=u")], "x").await;
    }
    let copy = send(&cloud, "PUT", "/code/c", &[("x-amz-copy-source", "code/a")], Bytes::new()).await;
    assert!(text(&copy).contains("<CopyObjectResult"), "{}", text(&copy));
    assert_eq!(header(&send(&cloud, "GET", "/code/c", &[], "").await, "x-amz-meta-who"), "me");
    assert!(ask(&cloud, "GET", "/code/c?tagging", "").await.1.contains("<Tag><Key>t</Key><Value>u</Value></Tag>"));
    let body = "<Delete><Object><Key>a</Key></Object><Object><Key>none</Key></Object></Delete>";
    let (_, answer) = ask(&cloud, "POST", "/code?delete", body).await;
    assert!(answer.contains("<Deleted><Key>a</Key></Deleted><Deleted><Key>none</Key></Deleted>"), "{answer}");
    assert_eq!(ask(&cloud, "GET", "/code/a", "").await.0, 404);
    assert_eq!(ask(&cloud, "GET", "/code/b", "").await.0, 200);
}
