//! A request, with its body unwrapped and its query read.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method};

use super::{address, chunked};
use crate::query::decode;
use crate::s3::checksum::Algorithm;
use crate::s3::errors;
use crate::wire::ServiceError;
use crate::xml::Element;

/// Names in a query that ask for something about a bucket or object rather than for it.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>
const SUB_RESOURCES: [&str; 32] = [
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metadataConfiguration",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "tagging",
    "torrent",
    "website",
];

pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    query: BTreeMap<String, String>,
    trailers: BTreeMap<String, String>,
}

impl Request {
    pub(super) fn read(parts: &Parts, body: Bytes) -> Result<Self, ServiceError> {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_chunked = header("content-encoding").split(',').any(|part| part.trim() == "aws-chunked")
            || header("x-amz-content-sha256").starts_with("STREAMING-");
        let (body, trailers) = if is_chunked && parts.headers.contains_key("x-amz-decoded-content-length") {
            let broken = || errors::error("IncompleteBody", 400, "The request body terminated unexpectedly");
            chunked::read(&body).ok_or_else(broken)?
        } else {
            (body, BTreeMap::new())
        };
        let query = parts.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let query = query.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let query = query.map(|(name, value)| (decode(name), decode(value))).collect();
        Ok(Self { method: parts.method.clone(), headers: parts.headers.clone(), body, query, trailers })
    }

    pub(super) fn host<'a>(&self, parts: &'a Parts) -> &'a str {
        address::host(parts).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.query.contains_key(name)
    }

    pub(super) fn sub_resources(&self) -> Vec<&str> {
        self.query.keys().map(String::as_str).filter(|name| SUB_RESOURCES.contains(name)).collect()
    }

    /// The checksum that came with the body, before or behind it.
    pub(crate) fn checksum(&self, algorithm: Algorithm) -> Option<&str> {
        let name = algorithm.header();
        self.header(&name).or_else(|| self.trailers.get(&name).map(String::as_str))
    }

    /// The body as XML.
    pub(crate) fn xml(&self) -> Result<Element, ServiceError> {
        std::str::from_utf8(&self.body).ok().and_then(Element::parse).ok_or_else(errors::malformed)
    }
}
