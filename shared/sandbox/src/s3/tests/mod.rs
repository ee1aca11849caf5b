//! Over the wire, as SDKs and command lines ask.

mod buckets;
mod code;
mod listing;
mod multipart;
mod objects;

use bytes::Bytes;
use http::{Request, Response};

use crate::Cloud;

const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x";

async fn send(
    cloud: &Cloud,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut request = Request::builder().method(method).uri(path).header("authorization", SIGNED);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "127.0.0.1:4566");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    cloud.handle(request.body(body.into()).unwrap()).await
}

async fn ask(cloud: &Cloud, method: &str, path: &str, body: &'static str) -> (u16, String) {
    let response = send(cloud, method, path, &[], body).await;
    (response.status().as_u16(), text(&response))
}

fn text(response: &Response<Bytes>) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

fn header<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn bucket(cloud: &Cloud) {
    assert_eq!(ask(cloud, "PUT", "/code", "").await.0, 200);
}
