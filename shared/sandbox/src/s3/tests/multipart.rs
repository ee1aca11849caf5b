//! Uploads in parts.

use bytes::Bytes;

use super::{ask, bucket, header, send, text};
use crate::testing::cloud;
use crate::xml::Element;

#[tokio::test]
async fn parts_become_an_object() {
    let cloud = cloud();
    bucket(&cloud).await;
    let created = send(&cloud, "POST", "/code/k?uploads", &[("x-amz-checksum-algorithm", "CRC32")], "").await;
    let id = Element::parse(&text(&created)).unwrap().child_text("UploadId").unwrap().to_owned();
    let first = Bytes::from(vec![b'a'; 5 * 1024 * 1024]);
    let one = send(&cloud, "PUT", &format!("/code/k?partNumber=1&uploadId={id}"), &[], first.clone()).await;
    let two = send(&cloud, "PUT", &format!("/code/k?partNumber=2&uploadId={id}"), &[], "end").await;
    let parts = text(&send(&cloud, "GET", &format!("/code/k?uploadId={id}"), &[], "").await);
    assert_eq!(parts.matches("<Part>").count(), 2, "{parts}");
    let part = |number, etag: &str| format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
    let (one, two) = (part(1, header(&one, "etag")), part(2, header(&two, "etag")));
    let path = format!("/code/k?uploadId={id}");
    let order = format!("<CompleteMultipartUpload>{two}{one}</CompleteMultipartUpload>");
    assert!(text(&send(&cloud, "POST", &path, &[], order).await).contains("InvalidPartOrder"));
    let complete = format!("<CompleteMultipartUpload>{one}{two}</CompleteMultipartUpload>");
    let done = text(&send(&cloud, "POST", &path, &[], complete).await);
    let done = Element::parse(&done).unwrap();
    assert!(done.child_text("ETag").unwrap().ends_with("-2\""));
    assert!(done.child_text("ChecksumCRC32").unwrap().ends_with("-2"));
    let get = send(&cloud, "GET", "/code/k", &[], "").await;
    assert_eq!(get.body().len(), first.len() + 3);
    assert!(text(&send(&cloud, "GET", &path, &[], "").await).contains("NoSuchUpload"));
}

#[tokio::test]
async fn an_upload_is_given_up_and_small_parts_are_refused() {
    let cloud = cloud();
    bucket(&cloud).await;
    let created = ask(&cloud, "POST", "/code/k?uploads", "").await.1;
    let id = Element::parse(&created).unwrap().child_text("UploadId").unwrap().to_owned();
    let mut parts = String::new();
    for number in [1, 2] {
        let part = send(&cloud, "PUT", &format!("/code/k?partNumber={number}&uploadId={id}"), &[], "small").await;
        parts
            .push_str(&format!("<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>", header(&part, "etag")));
    }
    let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    let path = format!("/code/k?uploadId={id}");
    assert!(text(&send(&cloud, "POST", &path, &[], body).await).contains("EntityTooSmall"));
    assert!(ask(&cloud, "GET", "/code?uploads", "").await.1.contains(&id));
    assert_eq!(send(&cloud, "DELETE", &path, &[], "").await.status().as_u16(), 204);
    assert!(!ask(&cloud, "GET", "/code?uploads", "").await.1.contains(&id));
}
