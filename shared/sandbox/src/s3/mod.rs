//! S3, as far as packaging, deploying and the clients of those need it: buckets, their settings, objects with versions,
//! multipart uploads. Settings are kept and shown; only versioning changes what happens.

mod bucket;
mod checksum;
mod errors;
mod listing;
mod multipart;
mod objects;
mod rest;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

use bucket::Bucket;
pub(crate) use rest::{handle, is_s3};

/// State of the service.
#[derive(Debug, Default)]
pub struct S3 {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    buckets: BTreeMap<String, Bucket>,
}

impl S3 {
    /// Forgets every bucket.
    pub(crate) fn reset(&self) {
        *self.state() = State::default();
    }

    /// An object's content.
    ///
    /// # Errors
    /// `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`.
    pub fn object(&self, bucket: &str, key: &str, version: Option<&str>) -> Result<Bytes, ServiceError> {
        let state = self.state();
        let object = state.bucket(bucket)?.object(key, version)?;
        Ok(object.body.clone())
    }

    /// Puts an object, as another service of the cloud does.
    ///
    /// # Errors
    /// `NoSuchBucket`.
    pub fn put_object(&self, cloud: &Cloud, bucket: &str, key: &str, body: Bytes) -> Result<(), ServiceError> {
        let mut state = self.state();
        let bucket = state.bucket_mut(bucket)?;
        let object = bucket::Object {
            version: bucket.next_version(cloud),
            etag: crate::hash::md5_hex(&body),
            checksum: Some(checksum::Algorithm::Crc64Nvme.of(&body)),
            body,
            modified: cloud.clock().now(),
            headers: BTreeMap::new(),
            tags: BTreeMap::new(),
            deleted: false,
        };
        bucket.insert(key, object);
        Ok(())
    }

    /// The content that a URL of S3 names, in either style, on AWS's host names or the local cloud's own.
    ///
    /// # Errors
    /// As [`S3::object`]; `ValidationError` for a URL that is none of S3's.
    pub fn object_at(&self, url: &str) -> Result<Bytes, ServiceError> {
        let no_url = || ServiceError::new("ValidationError", "TemplateURL must be a supported URL.".to_owned());
        let uri: http::Uri = url.parse().map_err(|_| no_url())?;
        let host = uri.authority().ok_or_else(no_url)?.as_str();
        if uri.scheme_str() == Some("s3") {
            let message = format!("S3 error: Domain name specified in {host} is not a valid S3 domain");
            return Err(ServiceError::new("ValidationError", message));
        }
        if !rest::is_known_host(host) {
            return Err(no_url());
        }
        let place = rest::place(host, uri.path());
        let version = uri.query().and_then(|query| query.strip_prefix("versionId=")).map(crate::query::decode);
        let (Some(bucket), Some(key)) = (place.bucket, place.key) else { return Err(no_url()) };
        self.object(&bucket, &key, version.as_deref())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn bucket(&self, name: &str) -> Result<&Bucket, ServiceError> {
        self.buckets.get(name).ok_or_else(|| errors::no_bucket(name))
    }

    fn bucket_mut(&mut self, name: &str) -> Result<&mut Bucket, ServiceError> {
        self.buckets.get_mut(name).ok_or_else(|| errors::no_bucket(name))
    }
}

/// What other services ask of S3. Objects travel over HTTP only.
pub(crate) async fn call(cloud: &Cloud, operation: &str, input: Value) -> Answer {
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    let name = text("Bucket");
    match operation {
        "CreateBucket" => bucket::create(cloud, name).map(|()| json!({ "Location": format!("/{name}") })),
        "DeleteBucket" => bucket::delete(cloud, name).map(|()| json!({})),
        "HeadBucket" => cloud.s3().state().bucket(name).map(|_| json!({ "BucketRegion": cloud.region() })),
        "ListBuckets" => Ok(bucket::list(cloud)),
        "PutBucketSetting" => {
            settings::put(cloud, name, text("Setting"), text("Document").to_owned()).map(|()| json!({}))
        }
        "DeleteBucketSetting" => settings::delete(cloud, name, text("Setting")).map(|()| json!({})),
        _ => Err(ServiceError::unsupported(Service::S3, operation)),
    }
}
