//! S3's REST-XML protocol: addresses and sub-resources to operations, answers to XML.

mod address;
mod chunked;
mod operation;
mod request;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use serde_json::{Value, json};

use super::{bucket, errors, listing, multipart, objects, settings};
use crate::cloud::{Cloud, Service};
use crate::faults::Outside;
use crate::wire::ServiceError;
use crate::xml::{self, Lists};

pub(crate) use address::{is_known_host, is_s3, place};
pub(super) use request::Request;

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

type Answer = Result<Response<Bytes>, ServiceError>;

/// Answers a request.
pub(crate) async fn handle(outside: &Outside<'_>, parts: &Parts, body: Bytes) -> Response<Bytes> {
    let cloud = outside.cloud;
    let id = cloud.uuid().simple().to_string();
    let answer = match Request::read(parts, body) {
        Ok(request) => perform(outside, parts, request).await,
        Err(error) => Err(error),
    };
    let mut response = answer.unwrap_or_else(|error| failure(&error, &id, parts.method == Method::HEAD));
    set(&mut response, "x-amz-request-id", &id);
    set(&mut response, "x-amz-bucket-region", cloud.region());
    if parts.method == Method::HEAD {
        // The length stays as it would be; there is nothing to read.
        *response.body_mut() = Bytes::new();
    }
    response
}

async fn perform(outside: &Outside<'_>, parts: &Parts, request: Request) -> Answer {
    let place = place(request.host(parts), parts.uri.path());
    let name = operation::name(&request, &place);
    let input = json!({ "Bucket": place.bucket, "Key": place.key });
    let cloud = outside.cloud.clone();
    let effect = async move {
        match (&place.bucket, &place.key) {
            (Some(bucket), Some(key)) => object(&cloud, &request, bucket, key),
            (Some(bucket), None) => whole_bucket(&cloud, &request, bucket),
            _ if request.method == Method::GET => Ok(xml_response("ListAllMyBucketsResult", &bucket::list(&cloud))),
            _ => Err(unknown(&request)),
        }
    };
    outside.perform(Service::S3, name, input, effect).await
}

fn unknown(request: &Request) -> ServiceError {
    let asked = request.sub_resources().join("&");
    let operation = format!("{} {}{asked}", request.method, if asked.is_empty() { "" } else { "?" });
    let mut error = ServiceError::unsupported(Service::S3, &operation);
    error.code = "NotImplemented".into();
    error
}

fn whole_bucket(cloud: &Cloud, request: &Request, name: &str) -> Answer {
    if let Some(setting) = settings::NAMES.into_iter().find(|name| request.has(name)) {
        return setting_of(cloud, request, name, setting);
    }
    match request.method.as_str() {
        "POST" if request.has("delete") => objects::delete_several(cloud, request, name),
        "GET" if request.has("location") => location(cloud, name),
        "GET" if request.has("versions") => listing::versions(cloud, request, name),
        "GET" if request.has("uploads") => multipart::list_uploads(cloud, name),
        // What asks for something about a bucket must not be taken for what makes or deletes the bucket.
        _ if !request.sub_resources().is_empty() => Err(unknown(request)),
        "PUT" => create(cloud, request, name),
        "DELETE" => bucket::delete(cloud, name).map(|()| empty(StatusCode::NO_CONTENT)),
        "HEAD" => cloud.s3().state().bucket(name).map(|_| empty(StatusCode::OK)),
        "GET" => listing::objects(cloud, request, name),
        _ => Err(unknown(request)),
    }
}

fn create(cloud: &Cloud, request: &Request, name: &str) -> Answer {
    if !request.body.is_empty()
        && let Some(region) = request.xml()?.child_text("LocationConstraint")
        // A cloud of one region is whatever region a client wants.
        && cloud.is_worldwide()
        && (region != cloud.region() || region == "us-east-1")
    {
        let message = format!(
            "The {region} location constraint is incompatible for the region specific endpoint this request was sent to."
        );
        return Err(errors::error("IllegalLocationConstraintException", 400, message));
    }
    bucket::create(cloud, name)?;
    let mut response = empty(StatusCode::OK);
    set(&mut response, "location", &format!("/{name}"));
    Ok(response)
}

fn location(cloud: &Cloud, name: &str) -> Answer {
    cloud.s3().state().bucket(name)?;
    // us-east-1 has no constraint.
    let region = if cloud.region() == "us-east-1" { "" } else { cloud.region() };
    let body = format!("<LocationConstraint xmlns=\"{NAMESPACE}\">{region}</LocationConstraint>");
    Ok(document("application/xml", body))
}

fn setting_of(cloud: &Cloud, request: &Request, name: &str, setting: &str) -> Answer {
    match request.method.as_str() {
        "GET" => {
            let kind = if setting == "policy" { "application/json" } else { "application/xml" };
            settings::get(cloud, name, setting).map(|body| document(kind, body))
        }
        "PUT" => {
            let text = String::from_utf8_lossy(&request.body).into_owned();
            settings::put(cloud, name, setting, text)?;
            Ok(empty(if setting == "policy" { StatusCode::NO_CONTENT } else { StatusCode::OK }))
        }
        "DELETE" => settings::delete(cloud, name, setting).map(|()| empty(StatusCode::NO_CONTENT)),
        _ => Err(unknown(request)),
    }
}

fn object(cloud: &Cloud, request: &Request, bucket: &str, key: &str) -> Answer {
    match request.method.as_str() {
        "GET" | "PUT" | "DELETE" if request.has("tagging") => objects::tagging(cloud, request, bucket, key),
        "PUT" if request.has("partNumber") && request.header("x-amz-copy-source").is_none() => {
            multipart::upload_part(cloud, request, bucket, key)
        }
        "POST" if request.has("uploads") => multipart::create(cloud, request, bucket, key),
        "POST" if request.has("uploadId") => multipart::complete(cloud, request, bucket, key),
        "DELETE" if request.has("uploadId") => multipart::abort(cloud, request, bucket, key),
        "GET" if request.has("uploadId") => multipart::list_parts(cloud, request, bucket, key),
        _ if !request.sub_resources().is_empty() => Err(unknown(request)),
        "PUT" => objects::put(cloud, request, bucket, key),
        "GET" | "HEAD" => objects::get(cloud, request, bucket, key),
        "DELETE" => objects::delete(cloud, request, bucket, key),
        _ => Err(unknown(request)),
    }
}

pub(super) fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

pub(super) fn set(response: &mut Response<Bytes>, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
        response.headers_mut().insert(name, value);
    }
}

fn document(kind: &str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    set(&mut response, "content-type", kind);
    response
}

/// An answer in XML.
pub(super) fn xml_response(root: &str, answer: &Value) -> Response<Bytes> {
    let mut body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{NAMESPACE}\">");
    xml::write(&mut body, answer, Lists::Flat);
    body.push_str(&format!("</{root}>"));
    document("application/xml", body)
}

fn failure(error: &ServiceError, id: &str, head: bool) -> Response<Bytes> {
    let mut members = json!({ "Code": error.code, "Message": error.message });
    if let Value::Object(members) = &mut members {
        members.extend((*error.members).clone());
        members.insert("RequestId".into(), id.into());
    }
    let mut body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>".to_owned();
    xml::write(&mut body, &members, Lists::Flat);
    body.push_str("</Error>");
    let mut response = if head { empty(StatusCode::OK) } else { document("application/xml", body) };
    *response.status_mut() = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    response
}
