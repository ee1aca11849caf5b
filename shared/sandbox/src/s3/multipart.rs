//! Uploads in parts
//! ([multipart upload](https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html)).

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::Timestamp;
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use super::bucket::{Bucket, Object, owner, time};
use super::checksum::{Algorithm, Checksum};
use super::objects::{checked, kept_headers};
use super::rest::{Request, empty, set, xml_response};
use super::{State, errors};
use crate::cloud::Cloud;
use crate::hash::md5_hex;
use crate::wire::ServiceError;
use crate::xml::Element;

/// The smallest part but the last, in bytes
/// ([limits](https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html)).
const SMALLEST: usize = 5 * 1024 * 1024;

type Answer = Result<Response<Bytes>, ServiceError>;

#[derive(Debug)]
pub(super) struct Upload {
    key: String,
    started: Timestamp,
    headers: BTreeMap<String, String>,
    algorithm: Option<Algorithm>,
    parts: BTreeMap<u32, Part>,
}

#[derive(Debug)]
struct Part {
    body: Bytes,
    etag: String,
    checksum: Checksum,
    modified: Timestamp,
}

impl State {
    fn upload<'a>(&'a mut self, request: &Request, bucket: &str, key: &str) -> Result<&'a mut Upload, ServiceError> {
        let id = request.query("uploadId").unwrap_or_default();
        let upload = self.bucket_mut(bucket)?.uploads.get_mut(id);
        upload.filter(|upload| upload.key == key).ok_or_else(|| errors::no_upload(id))
    }
}

pub(super) fn create(cloud: &Cloud, request: &Request, bucket: &str, key: &str) -> Answer {
    let id = cloud.uuid().simple().to_string();
    let upload = Upload {
        key: key.to_owned(),
        started: cloud.clock().now(),
        headers: kept_headers(request),
        algorithm: request.header("x-amz-checksum-algorithm").and_then(Algorithm::named),
        parts: BTreeMap::new(),
    };
    let algorithm = upload.algorithm.map(Algorithm::name);
    cloud.s3().state().bucket_mut(bucket)?.uploads.insert(id.clone(), upload);
    let mut response =
        xml_response("InitiateMultipartUploadResult", &json!({ "Bucket": bucket, "Key": key, "UploadId": id }));
    if let Some(algorithm) = algorithm {
        set(&mut response, "x-amz-checksum-algorithm", algorithm);
    }
    Ok(response)
}

pub(super) fn upload_part(cloud: &Cloud, request: &Request, bucket: &str, key: &str) -> Answer {
    let number =
        request.query("partNumber").and_then(|number| number.parse().ok()).filter(|n| (1..=10_000).contains(n));
    let message = "Part number must be an integer between 1 and 10000, inclusive";
    let number: u32 = number.ok_or_else(|| errors::argument("partNumber", message))?;
    let checksum = checked(request)?;
    let part =
        Part { etag: md5_hex(&request.body), body: request.body.clone(), checksum, modified: cloud.clock().now() };
    let mut response = empty(StatusCode::OK);
    set(&mut response, "etag", &format!("\"{}\"", part.etag));
    set(&mut response, &part.checksum.algorithm.header(), &part.checksum.value);
    cloud.s3().state().upload(request, bucket, key)?.parts.insert(number, part);
    Ok(response)
}

pub(super) fn complete(cloud: &Cloud, request: &Request, bucket: &str, key: &str) -> Answer {
    let asked = request.xml()?;
    let now = cloud.clock().now();
    let mut state = cloud.s3().state();
    let object = state.upload(request, bucket, key)?.assemble(&asked, now)?;
    let target = state.bucket_mut(bucket)?;
    target.uploads.remove(request.query("uploadId").unwrap_or_default());
    let object = Object { version: target.next_version(cloud), ..object };
    let mut answer = json!({
        "Location": format!("{}/{bucket}/{key}", cloud.endpoint()),
        "Bucket": bucket,
        "Key": key,
        "ETag": format!("\"{}\"", object.etag),
    });
    if let Some(checksum) = &object.checksum {
        let member = format!("Checksum{}", checksum.algorithm.name());
        crate::wire::set_member(&mut answer, &member, checksum.value.clone());
        crate::wire::set_member(&mut answer, "ChecksumType", checksum.kind());
    }
    let mut response = xml_response("CompleteMultipartUploadResult", &answer);
    if object.version != super::bucket::NULL {
        set(&mut response, "x-amz-version-id", &object.version);
    }
    target.insert(key, object);
    Ok(response)
}

impl Upload {
    /// The object of the parts that the request names, in order.
    fn assemble(&self, asked: &Element, now: Timestamp) -> Result<Object, ServiceError> {
        let invalid = || {
            let message = "One or more of the specified parts could not be found.  The part may not have been uploaded, or \
                           the specified entity tag may not match the part's entity tag.";
            errors::error("InvalidPart", 400, message)
        };
        let mut parts = Vec::new();
        let mut last = 0;
        for part in asked.all("Part") {
            let number: u32 =
                part.child_text("PartNumber").and_then(|n| n.parse().ok()).ok_or_else(errors::malformed)?;
            if number <= last {
                let message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
                return Err(errors::error("InvalidPartOrder", 400, message));
            }
            last = number;
            let known = self.parts.get(&number).ok_or_else(invalid)?;
            if part.child_text("ETag").map(|tag| tag.trim_matches('"')) != Some(known.etag.as_str()) {
                return Err(invalid());
            }
            parts.push(known);
        }
        let Some((_, all_but_last)) = parts.split_last() else { return Err(errors::malformed()) };
        if all_but_last.iter().any(|part| part.body.len() < SMALLEST) {
            let message = "Your proposed upload is smaller than the minimum allowed size";
            return Err(errors::error("EntityTooSmall", 400, message));
        }
        let body: Bytes = parts.iter().flat_map(|part| part.body.iter().copied()).collect();
        let digests: Vec<u8> = parts.iter().flat_map(|part| Md5::digest(&part.body).to_vec()).collect();
        let algorithm = self.algorithm.unwrap_or(Algorithm::Crc64Nvme);
        let checksum = algorithm.of_parts(&body, parts.iter().map(|part| part.body.as_ref()));
        Ok(Object {
            version: String::new(),
            etag: format!("{}-{}", md5_hex(&digests), parts.len()),
            body,
            modified: now,
            headers: self.headers.clone(),
            checksum: Some(checksum),
            tags: BTreeMap::new(),
            deleted: false,
        })
    }
}

pub(super) fn abort(cloud: &Cloud, request: &Request, bucket: &str, key: &str) -> Answer {
    let mut state = cloud.s3().state();
    state.upload(request, bucket, key)?;
    state.bucket_mut(bucket)?.uploads.remove(request.query("uploadId").unwrap_or_default());
    Ok(empty(StatusCode::NO_CONTENT))
}

pub(super) fn list_parts(cloud: &Cloud, request: &Request, bucket: &str, key: &str) -> Answer {
    let mut state = cloud.s3().state();
    let upload = state.upload(request, bucket, key)?;
    let shown = |(number, part): (&u32, &Part)| {
        json!({
            "PartNumber": number,
            "LastModified": time(part.modified),
            "ETag": format!("\"{}\"", part.etag),
            "Size": part.body.len(),
        })
    };
    let parts: Vec<Value> = upload.parts.iter().map(shown).collect();
    let answer = json!({
        "Bucket": bucket,
        "Key": key,
        "UploadId": request.query("uploadId"),
        "Owner": owner(cloud),
        "StorageClass": "STANDARD",
        "MaxParts": 1000,
        "IsTruncated": false,
        "Part": parts,
    });
    Ok(xml_response("ListPartsResult", &answer))
}

pub(super) fn list_uploads(cloud: &Cloud, bucket: &str) -> Answer {
    let state = cloud.s3().state();
    let found: &Bucket = state.bucket(bucket)?;
    let shown = |(id, upload): (&String, &Upload)| json!({ "Key": upload.key, "UploadId": id, "StorageClass": "STANDARD", "Initiated": time(upload.started) });
    let uploads: Vec<Value> = found.uploads.iter().map(shown).collect();
    let answer = json!({ "Bucket": bucket, "MaxUploads": 1000, "IsTruncated": false, "Upload": uploads });
    Ok(xml_response("ListMultipartUploadsResult", &answer))
}
