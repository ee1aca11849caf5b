//! Lists of objects and versions
//! ([ListObjectsV2](https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html),
//! [ListObjectVersions](https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html)).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value, json};

use super::bucket::{Object, owner, time};
use super::errors;
use super::rest::{Request, xml_response};
use crate::cloud::Cloud;
use crate::wire::ServiceError;

type Answer = Result<Response<Bytes>, ServiceError>;

/// What a list has: keys, or prefixes that end at the delimiter.
enum Found<'a> {
    Key(&'a str, &'a [Object]),
    Prefix(String),
}

struct Page<'a> {
    found: Vec<Found<'a>>,
    /// The last key or prefix, if there is more.
    next: Option<String>,
}

struct Asked<'a> {
    prefix: &'a str,
    delimiter: Option<&'a str>,
    most: usize,
    encode: bool,
}

impl<'a> Asked<'a> {
    fn new(request: &'a Request) -> Result<Self, ServiceError> {
        if request.query("encoding-type").is_some_and(|kind| kind != "url") {
            return Err(errors::argument("encoding-type", "Invalid Encoding Method specified in Request"));
        }
        let most = request.query("max-keys").unwrap_or("1000");
        let most = most
            .parse()
            .map_err(|_| errors::argument("max-keys", "Provided max-keys not an integer or within integer range"))?;
        Ok(Self {
            prefix: request.query("prefix").unwrap_or_default(),
            delimiter: request.query("delimiter").filter(|delimiter| !delimiter.is_empty()),
            most: usize::min(most, 1000),
            encode: request.query("encoding-type") == Some("url"),
        })
    }

    fn text(&self, text: &str) -> String {
        if self.encode { encoded(text) } else { text.to_owned() }
    }

    /// The keys after `after` that begin with the prefix, rolled up at the delimiter.
    fn page<'o>(&self, objects: impl Iterator<Item = (&'o str, &'o [Object])>, after: &str) -> Page<'o> {
        let mut page = Page { found: Vec::new(), next: None };
        let mut last = String::new();
        for (key, versions) in objects.filter(|(key, _)| key.starts_with(self.prefix)) {
            let rest = key.get(self.prefix.len()..).unwrap_or_default();
            let rolled = self.delimiter.and_then(|delimiter| {
                let at = rest.find(delimiter)? + delimiter.len();
                Some(format!("{}{}", self.prefix, rest.get(..at)?))
            });
            let name = rolled.as_deref().unwrap_or(key);
            if name <= after || (rolled.is_some() && name == last) {
                continue;
            }
            if page.found.len() == self.most {
                page.next = Some(last).filter(|last| !last.is_empty());
                return page;
            }
            name.clone_into(&mut last);
            page.found.push(rolled.map_or(Found::Key(key, versions), Found::Prefix));
        }
        page
    }
}

/// Everything but the characters that are safe in a URL and the slash.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Both versions of listing objects.
pub(super) fn objects(cloud: &Cloud, request: &Request, bucket: &str) -> Answer {
    let asked = Asked::new(request)?;
    let second = request.query("list-type") == Some("2");
    let token = request.query("continuation-token");
    let after = match token {
        Some(token) => {
            let bytes = URL_SAFE
                .decode(token)
                .map_err(|_| errors::argument("continuation-token", "The continuation token provided is incorrect"))?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        None => request.query(if second { "start-after" } else { "marker" }).unwrap_or_default().to_owned(),
    };
    let state = cloud.s3().state();
    let current =
        state.bucket(bucket)?.objects.iter().filter(|(_, versions)| versions.last().is_some_and(|o| !o.deleted));
    let page = asked.page(current.map(|(key, versions)| (key.as_str(), versions.as_slice())), &after);
    let (mut contents, mut prefixes) = (Vec::new(), Vec::new());
    for found in &page.found {
        match found {
            Found::Key(key, versions) => contents.extend(versions.last().map(|object| {
                let mut shown = shown(&asked.text(key), object);
                if request.query("fetch-owner") == Some("true") || !second {
                    shown.insert("Owner".into(), owner(cloud));
                }
                shown
            })),
            Found::Prefix(prefix) => prefixes.push(json!({ "Prefix": asked.text(prefix) })),
        }
    }
    let mut answer = json!({
        "Name": bucket,
        "Prefix": asked.text(asked.prefix),
        "Delimiter": asked.delimiter.map(|delimiter| asked.text(delimiter)),
        "MaxKeys": asked.most,
        "EncodingType": asked.encode.then_some("url"),
        "IsTruncated": page.next.is_some(),
        "Contents": contents,
        "CommonPrefixes": prefixes,
    });
    let more = if second {
        json!({
            "KeyCount": page.found.len(),
            "ContinuationToken": token,
            "StartAfter": request.query("start-after").filter(|_| token.is_none()).map(|text| asked.text(text)),
            "NextContinuationToken": page.next.map(|last| URL_SAFE.encode(last)),
        })
    } else {
        let next = page.next.filter(|_| asked.delimiter.is_some());
        json!({ "Marker": asked.text(&after), "NextMarker": next.map(|last| asked.text(&last)) })
    };
    extend(&mut answer, more);
    Ok(xml_response("ListBucketResult", &answer))
}

fn extend(answer: &mut Value, more: Value) {
    if let (Value::Object(answer), Value::Object(more)) = (answer, more) {
        answer.extend(more);
    }
}

fn shown(key: &str, object: &Object) -> Map<String, Value> {
    let mut shown = Map::from_iter([
        ("Key".to_owned(), Value::from(key)),
        ("LastModified".to_owned(), time(object.modified).into()),
        ("ETag".to_owned(), format!("\"{}\"", object.etag).into()),
        ("Size".to_owned(), object.body.len().into()),
        ("StorageClass".to_owned(), "STANDARD".into()),
    ]);
    if let Some(checksum) = &object.checksum {
        shown.insert("ChecksumAlgorithm".into(), checksum.algorithm.name().into());
        shown.insert("ChecksumType".into(), checksum.kind().into());
    }
    shown
}

/// Every version and delete marker, the newest of a key first. A page ends between keys.
pub(super) fn versions(cloud: &Cloud, request: &Request, bucket: &str) -> Answer {
    let asked = Asked::new(request)?;
    let state = cloud.s3().state();
    let after = request.query("key-marker").unwrap_or_default();
    let all = state.bucket(bucket)?.objects.iter().map(|(key, versions)| (key.as_str(), versions.as_slice()));
    let page = asked.page(all, after);
    let (mut live, mut markers, mut prefixes) = (Vec::new(), Vec::new(), Vec::new());
    for found in &page.found {
        let Found::Key(key, versions) = found else {
            if let Found::Prefix(prefix) = found {
                prefixes.push(json!({ "Prefix": asked.text(prefix) }));
            }
            continue;
        };
        for (at, object) in versions.iter().rev().enumerate() {
            let mut shown = shown(&asked.text(key), object);
            shown.insert("VersionId".into(), object.version.as_str().into());
            shown.insert("IsLatest".into(), (at == 0).into());
            shown.insert("Owner".into(), owner(cloud));
            if object.deleted {
                for name in ["ETag", "Size", "StorageClass"] {
                    shown.shift_remove(name);
                }
                markers.push(shown);
            } else {
                live.push(shown);
            }
        }
    }
    let answer = json!({
        "Name": bucket,
        "Prefix": asked.text(asked.prefix),
        "Delimiter": asked.delimiter.map(|delimiter| asked.text(delimiter)),
        "KeyMarker": asked.text(after),
        "VersionIdMarker": "",
        "NextKeyMarker": page.next.as_ref().map(|last| asked.text(last)),
        "NextVersionIdMarker": page.next.as_ref().map(|_| "null"),
        "MaxKeys": asked.most,
        "EncodingType": asked.encode.then_some("url"),
        "IsTruncated": page.next.is_some(),
        "Version": live,
        "DeleteMarker": markers,
        "CommonPrefixes": prefixes,
    });
    Ok(xml_response("ListVersionsResult", &answer))
}
