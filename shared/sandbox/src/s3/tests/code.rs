//! Functions whose code lies in a bucket.

use std::io::Write;

use serde_json::json;

use super::{bucket, send};
use crate::Service;
use crate::testing::cloud;

fn zip(content: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("bootstrap", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

#[tokio::test(start_paused = true)]
async fn a_function_is_created_and_updated_from_a_bucket() {
    let cloud = cloud();
    bucket(&cloud).await;
    send(&cloud, "PUT", "/code/one.zip", &[], zip(b"#!/bin/sh\nexit 1\n")).await;
    send(&cloud, "PUT", "/code/two.zip", &[], zip(b"#!/bin/sh\nexit 2\n")).await;
    let code = json!({ "S3Bucket": "code", "S3Key": "one.zip" });
    let create = json!({ "FunctionName": "f", "Role": "arn:aws:iam::000000000000:role/r", "Handler": "h", "Runtime": "provided.al2023", "Code": code });
    let created = cloud.call(Service::Lambda, "CreateFunction", create).await.unwrap();
    let update = json!({ "FunctionName": "f", "S3Bucket": "code", "S3Key": "two.zip" });
    let updated = cloud.call(Service::Lambda, "UpdateFunctionCode", update).await.unwrap();
    assert_ne!(created["CodeSha256"], updated["CodeSha256"]);
    let none = json!({ "FunctionName": "f", "S3Bucket": "code", "S3Key": "none.zip" });
    let error = cloud.call(Service::Lambda, "UpdateFunctionCode", none).await.unwrap_err();
    assert_eq!(
        error.message,
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."
    );
    cloud.lambda().shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn code_is_shown_where_it_was_unpacked() {
    let cloud = cloud();
    bucket(&cloud).await;
    send(&cloud, "PUT", "/code/one.zip", &[], zip(b"#!/bin/sh\nexit 1\n")).await;
    let code = json!({ "S3Bucket": "code", "S3Key": "one.zip" });
    let create = json!({ "FunctionName": "f", "Role": "arn:aws:iam::000000000000:role/r", "Handler": "h", "Runtime": "provided.al2023", "Code": code });
    cloud.call(Service::Lambda, "CreateFunction", create).await.unwrap();
    let got = cloud.call(Service::Lambda, "GetFunction", json!({ "FunctionName": "f" })).await.unwrap();
    let folder = got["Code"]["Location"].as_str().unwrap().strip_prefix("file://").unwrap();
    assert_eq!(std::fs::read_to_string(format!("{folder}/bootstrap")).unwrap(), "#!/bin/sh\nexit 1\n");
    cloud.lambda().shutdown().await;
}
