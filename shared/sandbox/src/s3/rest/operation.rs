//! The names of operations, which requests to S3 do not say
//! ([operations](https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html)).

use super::address::Place;
use super::request::Request;

/// The operation that a request is; one on a setting of a bucket is named after its method alone.
pub(super) fn name(request: &Request, place: &Place) -> &'static str {
    match (&place.bucket, &place.key) {
        (Some(_), Some(_)) => of_object(request),
        (Some(_), None) => of_bucket(request),
        _ => "ListBuckets",
    }
}

fn of_object(request: &Request) -> &'static str {
    let has = |name| request.has(name);
    match request.method.as_str() {
        "GET" if has("tagging") => "GetObjectTagging",
        "PUT" if has("tagging") => "PutObjectTagging",
        "DELETE" if has("tagging") => "DeleteObjectTagging",
        "PUT" if has("partNumber") => "UploadPart",
        "POST" if has("uploads") => "CreateMultipartUpload",
        "POST" => "CompleteMultipartUpload",
        "DELETE" if has("uploadId") => "AbortMultipartUpload",
        "GET" if has("uploadId") => "ListParts",
        "PUT" if request.header("x-amz-copy-source").is_some() => "CopyObject",
        "PUT" => "PutObject",
        "HEAD" => "HeadObject",
        "DELETE" => "DeleteObject",
        _ => "GetObject",
    }
}

fn of_bucket(request: &Request) -> &'static str {
    let has = |name| request.has(name);
    let whole = request.sub_resources().is_empty();
    match request.method.as_str() {
        "POST" => "DeleteObjects",
        "HEAD" => "HeadBucket",
        "GET" if has("location") => "GetBucketLocation",
        "GET" if has("versions") => "ListObjectVersions",
        "GET" if has("uploads") => "ListMultipartUploads",
        "GET" if has("list-type") => "ListObjectsV2",
        "GET" if whole => "ListObjects",
        "GET" => "GetBucketSetting",
        "PUT" if whole => "CreateBucket",
        "PUT" => "PutBucketSetting",
        _ if whole => "DeleteBucket",
        _ => "DeleteBucketSetting",
    }
}
