//! Objects: put, copied, read, deleted
//! ([PutObject](https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html),
//! [GetObject](https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html)).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Response, StatusCode};
use md5::{Digest as _, Md5};
use serde_json::json;

use super::bucket::{NULL, Object, time};
use super::checksum::{Algorithm, Checksum};
use super::errors;
use super::rest::{Request, empty, set, xml_response};
use crate::cloud::Cloud;
use crate::hash::md5_hex;
use crate::query::decode;
use crate::wire::ServiceError;

/// Headers that come back as they were sent.
const KEPT: [&str; 7] = [
    "content-type",
    "content-encoding",
    "content-disposition",
    "content-language",
    "cache-control",
    "expires",
    "x-amz-website-redirect-location",
];

type Answer = Result<Response<Bytes>, ServiceError>;

/// What of a request's headers an object keeps.
pub(super) fn kept_headers(request: &Request) -> BTreeMap<String, String> {
    let kept = |name: &str| KEPT.contains(&name) || name.starts_with("x-amz-meta-");
    let mut headers: BTreeMap<String, String> = request
        .headers
        .iter()
        .filter(|(name, _)| kept(name.as_str()))
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    // `aws-chunked` is how the body travelled, not what it is.
    if let Some(encoding) = headers.remove("content-encoding") {
        let own: Vec<&str> = encoding.split(',').map(str::trim).filter(|part| *part != "aws-chunked").collect();
        if !own.iter().all(|part| part.is_empty()) {
            headers.insert("content-encoding".into(), own.join(","));
        }
    }
    headers.entry("content-type".into()).or_insert_with(|| "binary/octet-stream".into());
    headers
}

/// The checksum that a body came with, or CRC64NVME, which S3 computes for those that came with none. A wrong one is an error.
pub(super) fn checked(request: &Request) -> Result<Checksum, ServiceError> {
    if let Some(md5) = request.header("content-md5")
        && STANDARD.encode(Md5::digest(&request.body)) != md5
    {
        return Err(errors::error("BadDigest", 400, "The Content-MD5 you specified did not match what we received."));
    }
    let given = Algorithm::ALL.into_iter().find_map(|algorithm| Some((algorithm, request.checksum(algorithm)?)));
    let Some((algorithm, given)) = given else {
        return Ok(Algorithm::Crc64Nvme.of(&request.body));
    };
    let own = algorithm.of(&request.body);
    if own.value != given {
        let message = format!("The {} you specified did not match the calculated checksum.", algorithm.name());
        return Err(errors::error("BadDigest", 400, message));
    }
    Ok(own)
}

pub(super) fn put(cloud: &Cloud, request: &Request, bucket: &str, key: &str) -> Answer {
    if let Some(source) = request.header("x-amz-copy-source") {
        return copy(cloud, request, bucket, key, source);
    }
    let checksum = checked(request)?;
    let mut state = cloud.s3().state();
    let bucket = state.bucket_mut(bucket)?;
    let current = bucket.object(key, None).ok();
    if request.header("if-none-match") == Some("*") && current.is_some() {
        return Err(errors::precondition("If-None-Match"));
    }
    if let Some(expected) = request.header("if-match") {
        match current {
            None => return Err(errors::no_key(key)),
            Some(object) if object.etag == expected.trim_matches('"') => {}
            Some(_) => return Err(errors::precondition("If-Match")),
        }
    }
    let object = Object {
        version: bucket.next_version(cloud),
        etag: md5_hex(&request.body),
        body: request.body.clone(),
        modified: cloud.clock().now(),
        headers: kept_headers(request),
        checksum: Some(checksum),
        tags: tags(request),
        deleted: false,
    };
    let mut response = empty(StatusCode::OK);
    set(&mut response, "etag", &format!("\"{}\"", object.etag));
    show_checksum(&mut response, &object);
    show_version(&mut response, &object);
    set(&mut response, "x-amz-server-side-encryption", "AES256");
    bucket.insert(key, object);
    Ok(response)
}

fn tags(request: &Request) -> BTreeMap<String, String> {
    let pairs = request.header("x-amz-tagging").unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (decode(key), decode(value))).collect()
}

fn show_version(response: &mut Response<Bytes>, object: &Object) {
    if object.version != NULL {
        set(response, "x-amz-version-id", &object.version);
    }
}

fn show_checksum(response: &mut Response<Bytes>, object: &Object) {
    if let Some(checksum) = &object.checksum {
        set(response, &checksum.algorithm.header(), &checksum.value);
        set(response, "x-amz-checksum-type", checksum.kind());
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
fn copy(cloud: &Cloud, request: &Request, bucket: &str, key: &str, source: &str) -> Answer {
    let (path, version) = match source.split_once("?versionId=") {
        Some((path, version)) => (path, Some(version)),
        None => (source, None),
    };
    let path = decode(&path.replace('+', "%2B"));
    let no_source = || {
        errors::argument(
            "x-amz-copy-source",
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
        )
    };
    let (from, from_key) = path.trim_start_matches('/').split_once('/').ok_or_else(no_source)?;
    let mut state = cloud.s3().state();
    let mut object = state.bucket(from)?.object(from_key, version)?.clone();
    if request.header("x-amz-metadata-directive") == Some("REPLACE") {
        object.headers = kept_headers(request);
    }
    if request.header("x-amz-tagging-directive") == Some("REPLACE") {
        object.tags = tags(request);
    }
    let bucket = state.bucket_mut(bucket)?;
    object.version = bucket.next_version(cloud);
    object.modified = cloud.clock().now();
    let answer = json!({ "LastModified": time(object.modified), "ETag": format!("\"{}\"", object.etag) });
    let mut response = xml_response("CopyObjectResult", &answer);
    show_version(&mut response, &object);
    bucket.insert(key, object);
    Ok(response)
}

/// Answers `GET` and `HEAD`.
pub(super) fn get(cloud: &Cloud, request: &Request, bucket: &str, key: &str) -> Answer {
    let state = cloud.s3().state();
    let object = state.bucket(bucket)?.object(key, request.query("versionId"))?;
    let quoted = format!("\"{}\"", object.etag);
    let matches =
        |header: &str| header == "*" || header.split(',').any(|tag| tag.trim().trim_matches('"') == object.etag);
    if request.header("if-match").is_some_and(|header| !matches(header)) {
        return Err(errors::precondition("If-Match"));
    }
    if request.header("if-none-match").is_some_and(matches) {
        let mut response = empty(StatusCode::NOT_MODIFIED);
        set(&mut response, "etag", &quoted);
        return Ok(response);
    }
    let mut response = ranged(request, &object.body)?;
    for (name, value) in &object.headers {
        set(&mut response, name, value);
    }
    for (header, member) in
        [("content-type", "response-content-type"), ("content-disposition", "response-content-disposition")]
    {
        if let Some(value) = request.query(member) {
            set(&mut response, header, value);
        }
    }
    set(&mut response, "etag", &quoted);
    set(&mut response, "last-modified", &object.modified.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    set(&mut response, "accept-ranges", "bytes");
    set(&mut response, "x-amz-server-side-encryption", "AES256");
    show_version(&mut response, object);
    if !object.tags.is_empty() {
        set(&mut response, "x-amz-tagging-count", &object.tags.len().to_string());
    }
    // A checksum of the whole says nothing about a part.
    if request.header("x-amz-checksum-mode").is_some_and(|mode| mode.eq_ignore_ascii_case("enabled"))
        && response.status() == StatusCode::OK
    {
        show_checksum(&mut response, object);
    }
    Ok(response)
}

fn ranged(request: &Request, body: &Bytes) -> Answer {
    let Some(range) = request.header("range").and_then(|range| range.strip_prefix("bytes=")) else {
        let mut response = Response::new(body.clone());
        set(&mut response, "content-length", &body.len().to_string());
        return Ok(response);
    };
    let refuse = || errors::error("InvalidRange", 416, "The requested range is not satisfiable");
    let (first, last) = range.split_once('-').ok_or_else(refuse)?;
    let end = body.len().checked_sub(1).ok_or_else(refuse)?;
    let (first, last) = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) => (first, last.min(end)),
        (Ok(first), Err(_)) => (first, end),
        (Err(_), Ok(count)) => ((end + 1).saturating_sub(count), end),
        _ => return Err(refuse()),
    };
    if first > last {
        return Err(refuse());
    }
    let mut response = Response::new(body.slice(first..=last));
    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    set(&mut response, "content-range", &format!("bytes {first}-{last}/{}", body.len()));
    set(&mut response, "content-length", &(last - first + 1).to_string());
    Ok(response)
}

pub(super) fn delete(cloud: &Cloud, request: &Request, bucket: &str, key: &str) -> Answer {
    let mut state = cloud.s3().state();
    let (version, marker) = state.bucket_mut(bucket)?.remove(cloud, key, request.query("versionId"));
    let mut response = empty(StatusCode::NO_CONTENT);
    if let Some(version) = version {
        set(&mut response, "x-amz-version-id", &version);
    }
    if marker {
        set(&mut response, "x-amz-delete-marker", "true");
    }
    Ok(response)
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
pub(super) fn delete_several(cloud: &Cloud, request: &Request, bucket: &str) -> Answer {
    let document = request.xml()?;
    let quiet = document.child_text("Quiet") == Some("true");
    let mut deleted = Vec::new();
    let mut state = cloud.s3().state();
    let bucket = state.bucket_mut(bucket)?;
    if document.all("Object").count() > 1000 || document.child("Object").is_none() {
        return Err(errors::malformed());
    }
    for object in document.all("Object") {
        let key = object.child("Key").map(|key| key.text.as_str()).ok_or_else(errors::malformed)?;
        let asked = object.child_text("VersionId");
        let (version, marker) = bucket.remove(cloud, key, asked);
        deleted.push(json!({
            "Key": key,
            "VersionId": asked,
            "DeleteMarker": marker.then_some(true),
            "DeleteMarkerVersionId": version.filter(|_| marker),
        }));
    }
    let answer = if quiet { json!({}) } else { json!({ "Deleted": deleted }) };
    Ok(xml_response("DeleteResult", &answer))
}

/// An object's tags.
pub(super) fn tagging(cloud: &Cloud, request: &Request, bucket: &str, key: &str) -> Answer {
    let mut state = cloud.s3().state();
    let bucket = state.bucket_mut(bucket)?;
    bucket.object(key, request.query("versionId"))?;
    let version = request.query("versionId");
    let mut versions = bucket.objects.get_mut(key).into_iter().flatten();
    let object =
        versions.rfind(|object| version.is_none_or(|id| object.version == id)).ok_or_else(|| errors::no_key(key))?;
    match request.method.as_str() {
        "GET" => {
            let tags: Vec<_> = object.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
            Ok(xml_response("Tagging", &json!({ "TagSet": { "Tag": tags } })))
        }
        "PUT" => {
            let document = request.xml()?;
            let set = document.child("TagSet").ok_or_else(errors::malformed)?;
            let text = |tag: &crate::xml::Element, name: &str| tag.child_text(name).unwrap_or_default().to_owned();
            object.tags = set.all("Tag").map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect();
            Ok(empty(StatusCode::OK))
        }
        _ => {
            object.tags.clear();
            Ok(empty(StatusCode::NO_CONTENT))
        }
    }
}
