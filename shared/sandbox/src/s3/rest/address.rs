//! Which requests are for S3, and which bucket and key they mean: in the path, or the bucket in the host's name
//! ([virtual hosting](https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html)).

use http::header;
use http::request::Parts;

use crate::query::decode;

/// The bucket and key of an address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
}

/// Whether a request is signed for S3, or sent to one of its hosts.
pub(crate) fn is_s3(parts: &Parts) -> bool {
    let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(authorization) = authorization {
        return authorization.contains("/s3/aws4_request")
            || authorization.contains("/s3express/aws4_request")
            || authorization.starts_with("AWS ");
    }
    let query = parts.uri.query().unwrap_or_default();
    let presigned = query.contains("%2Fs3%2Faws4_request")
        || query.contains("/s3/aws4_request")
        || query.contains("AWSAccessKeyId=");
    presigned || host(parts).is_some_and(|host| virtual_bucket(host).is_some() || is_s3_host(host))
}

pub(super) fn host(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
    header.or_else(|| parts.uri.authority().map(http::uri::Authority::as_str))
}

/// One of S3's hosts, or this machine.
pub(crate) fn is_known_host(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or(host);
    is_s3_host(host) || virtual_bucket(host).is_some() || name == "localhost" || name.starts_with("127.")
}

fn is_s3_host(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or(host);
    (name.starts_with("s3.") || name.starts_with("s3-")) && name.ends_with(".amazonaws.com")
}

/// The bucket that a host's name begins with.
fn virtual_bucket(host: &str) -> Option<&str> {
    let name = host.split(':').next().unwrap_or(host);
    if let Some(front) = name.strip_suffix(".amazonaws.com") {
        let at =
            front.find(".s3.").or_else(|| front.find(".s3-")).or_else(|| front.strip_suffix(".s3").map(str::len))?;
        return front.get(..at);
    }
    if let Some((bucket, rest)) = name.split_once(".s3.") {
        return (rest.starts_with("localhost")).then_some(bucket);
    }
    name.strip_suffix(".localhost").filter(|bucket| *bucket != "s3")
}

/// Where an address leads.
pub(crate) fn place(host: &str, path: &str) -> Place {
    // A plus sign in a path is one; only in a form is it a space.
    let path = decode(&path.replace('+', "%2B"));
    let path = path.strip_prefix('/').unwrap_or(&path);
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    if let Some(bucket) = virtual_bucket(host) {
        return Place { bucket: text(bucket), key: text(path) };
    }
    match path.split_once('/') {
        Some((bucket, key)) => Place { bucket: text(bucket), key: text(key) },
        None => Place { bucket: text(path), key: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_styles_of_address() {
        let found = |host, path| {
            let place = place(host, path);
            (place.bucket.unwrap_or_default(), place.key.unwrap_or_default())
        };
        let both = ("b.c".to_owned(), "k/l m+n".to_owned());
        for (host, path) in [
            ("127.0.0.1:4566", "/b.c/k/l%20m+n"),
            ("s3.us-east-1.amazonaws.com", "/b.c/k/l%20m+n"),
            ("s3.amazonaws.com", "/b.c/k/l%20m+n"),
            ("b.c.s3.us-east-1.amazonaws.com", "/k/l%20m+n"),
            ("b.c.s3.amazonaws.com", "/k/l%20m+n"),
            ("b.c.s3-eu-west-1.amazonaws.com", "/k/l%20m+n"),
            ("b.c.localhost:4566", "/k/l%20m+n"),
            ("b.c.s3.localhost.localstack.cloud:4566", "/k/l%20m+n"),
        ] {
            assert_eq!(found(host, path), both, "{host}{path}");
        }
        assert_eq!(found("localhost:4566", "/bucket"), ("bucket".into(), String::new()));
        assert_eq!(found("localhost:4566", "/"), (String::new(), String::new()));
    }
}
