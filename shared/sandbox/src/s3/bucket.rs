//! Buckets, and the versions of their objects.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::checksum::Checksum;
use super::errors;
use super::multipart::Upload;
use crate::cloud::Cloud;
use crate::wire::ServiceError;

/// The id of a version that was written while versioning was off or suspended.
pub(super) const NULL: &str = "null";

#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) created: Timestamp,
    /// Settings by their name in a URL (`policy`, `encryption`), as they were put.
    pub(super) settings: BTreeMap<String, String>,
    pub(super) versioning: Option<Versioning>,
    /// Every key's versions, the oldest first.
    pub(super) objects: BTreeMap<String, Vec<Object>>,
    pub(super) uploads: BTreeMap<String, Upload>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Versioning {
    Enabled,
    Suspended,
}

/// A version of an object, or a delete marker.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) version: String,
    pub(super) body: Bytes,
    pub(super) etag: String,
    pub(super) modified: Timestamp,
    /// Headers that come back as they were sent: content type, metadata and others.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) checksum: Option<Checksum>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) deleted: bool,
}

impl Bucket {
    /// The object's current version, or the one with the id.
    pub(super) fn object(&self, key: &str, version: Option<&str>) -> Result<&Object, ServiceError> {
        let versions = self.objects.get(key).map(Vec::as_slice).unwrap_or_default();
        let found = match version {
            Some(id) => versions.iter().find(|object| object.version == id).ok_or_else(|| errors::no_version(key))?,
            None => versions.last().filter(|object| !object.deleted).ok_or_else(|| errors::no_key(key))?,
        };
        if found.deleted {
            return Err(errors::error(
                "MethodNotAllowed",
                405,
                "The specified method is not allowed against this resource.",
            ));
        }
        Ok(found)
    }

    /// The id of a version that is written now
    /// ([versioning](https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html)).
    pub(super) fn next_version(&self, cloud: &Cloud) -> String {
        match self.versioning {
            Some(Versioning::Enabled) => cloud.uuid().simple().to_string(),
            _ => NULL.to_owned(),
        }
    }

    /// Makes `object` the current version.
    pub(super) fn insert(&mut self, key: &str, object: Object) {
        let versions = self.objects.entry(key.to_owned()).or_default();
        versions.retain(|other| other.version != object.version);
        versions.push(object);
    }

    /// Deletes an object, or one version of it. Answers the version's id and whether it is, or was, a delete marker.
    pub(super) fn remove(&mut self, cloud: &Cloud, key: &str, version: Option<&str>) -> (Option<String>, bool) {
        if let Some(id) = version {
            let Some(versions) = self.objects.get_mut(key) else { return (Some(id.to_owned()), false) };
            let marker = versions.iter().any(|object| object.version == id && object.deleted);
            versions.retain(|object| object.version != id);
            if versions.is_empty() {
                self.objects.remove(key);
            }
            return (Some(id.to_owned()), marker);
        }
        if self.versioning.is_none() {
            self.objects.remove(key);
            return (None, false);
        }
        let id = self.next_version(cloud);
        let marker = Object {
            version: id.clone(),
            body: Bytes::new(),
            etag: String::new(),
            modified: cloud.clock().now(),
            headers: BTreeMap::new(),
            checksum: None,
            tags: BTreeMap::new(),
            deleted: true,
        };
        self.insert(key, marker);
        (Some(id), true)
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>: in `us-east-1` the owner may create a bucket again.
pub(super) fn create(cloud: &Cloud, name: &str) -> Result<(), ServiceError> {
    if !is_name(name) {
        return Err(errors::error("InvalidBucketName", 400, "The specified bucket is not valid."));
    }
    let mut state = cloud.s3().state();
    if state.buckets.contains_key(name) {
        if cloud.region() == "us-east-1" {
            return Ok(());
        }
        let message = "Your previous request to create the named bucket succeeded and you already own it.";
        return Err(errors::error("BucketAlreadyOwnedByYou", 409, message));
    }
    let bucket = Bucket {
        created: cloud.clock().now(),
        settings: BTreeMap::new(),
        versioning: None,
        objects: BTreeMap::new(),
        uploads: BTreeMap::new(),
    };
    state.buckets.insert(name.to_owned(), bucket);
    Ok(())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    (3..=63).contains(&name.len())
        && name.chars().all(allowed)
        && edge(name.chars().next())
        && edge(name.chars().last())
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
}

pub(super) fn delete(cloud: &Cloud, name: &str) -> Result<(), ServiceError> {
    let mut state = cloud.s3().state();
    if !state.bucket(name)?.objects.is_empty() {
        let message = match state.bucket(name)?.versioning {
            Some(_) => "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
            None => "The bucket you tried to delete is not empty",
        };
        return Err(errors::error("BucketNotEmpty", 409, message));
    }
    state.buckets.remove(name);
    Ok(())
}

pub(super) fn list(cloud: &Cloud) -> Value {
    let state = cloud.s3().state();
    let buckets: Vec<Value> = state
        .buckets
        .iter()
        .map(|(name, bucket)| json!({ "Name": name, "CreationDate": time(bucket.created) }))
        .collect();
    json!({ "Owner": owner(cloud), "Buckets": { "Bucket": buckets } })
}

/// The account as the owner of buckets and objects.
pub(super) fn owner(cloud: &Cloud) -> Value {
    json!({ "ID": crate::hash::sha256_hex(cloud.account().as_bytes()) })
}

/// S3 counts in seconds.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}
