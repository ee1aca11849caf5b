//! A function's code: uploaded, on disk, or in this process.

use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::cloud::Cloud;
use crate::lambda::errors;
use crate::lambda::limits::{CODE, ZIPPED_CODE};
use crate::lambda::spec::{Code, Unpacked};
use crate::wire::ServiceError;

/// Unpacks a zip file.
fn unpack(bytes: &[u8]) -> Result<Code, ServiceError> {
    let folder = tempfile::Builder::new().prefix("throughline-function-").tempdir();
    let folder = folder.map_err(|e| errors::internal(format!("no folder for the code: {e}")))?;
    extract(bytes, folder.path())?;
    let sha256 = STANDARD.encode(Sha256::digest(bytes));
    Ok(Code::Unpacked(Arc::new(Unpacked { folder, sha256, size: bytes.len() })))
}

fn extract(bytes: &[u8], folder: &Path) -> Result<(), ServiceError> {
    let unreadable =
        || errors::invalid("Could not unzip uploaded file. Please check your file, then try to upload again.");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let mut left = CODE;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|_| unreadable())?;
        // A name that leaves the folder is none.
        let Some(path) = entry.enclosed_name().map(|name| folder.join(name)) else { return Err(unreadable()) };
        let write = |e: std::io::Error| errors::internal(format!("the code could not be unpacked: {e}"));
        if entry.is_dir() {
            std::fs::create_dir_all(&path).map_err(write)?;
            continue;
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(write)?;
        }
        let mut content = Vec::new();
        (&mut entry).take(left + 1).read_to_end(&mut content).map_err(|_| unreadable())?;
        left = left
            .checked_sub(content.len() as u64)
            .ok_or_else(|| errors::invalid(format!("Unzipped size must be smaller than {CODE} bytes")))?;
        std::fs::write(&path, content).map_err(write)?;
        let mode = entry.unix_mode().unwrap_or(0o644);
        let executable = mode & 0o111 != 0 || path.file_name().is_some_and(|name| name == "bootstrap");
        set_mode(&path, if executable { 0o755 } else { 0o644 }).map_err(write)?;
    }
    Ok(())
}

fn set_mode(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

/// What a request's `Code` (or `UpdateFunctionCode`) brings.
pub(super) fn from_input(cloud: &Cloud, code: &Value) -> Result<Code, ServiceError> {
    let text = |name: &str| code.get(name).and_then(Value::as_str);
    if let Some(zip) = text("ZipFile") {
        let bytes = STANDARD.decode(zip).map_err(|e| errors::invalid(format!("ZipFile is not base64: {e}")))?;
        if bytes.len() >= ZIPPED_CODE {
            let message = format!("Zipped size must be smaller than {ZIPPED_CODE} bytes");
            return Err(errors::entity_too_large(message));
        }
        return unpack(&bytes);
    }
    if let Some((bucket, key)) = text("S3Bucket").zip(text("S3Key")) {
        return unpack(&stored(cloud, bucket, key, text("S3ObjectVersion"))?);
    }
    if let Some(value) = code.get("ImageUri").filter(|value| !value.is_null()) {
        return Err(errors::unsupported("ImageUri", value));
    }
    Err(errors::invalid("Please provide a source for function code."))
}

/// The zip file in a bucket. Lambda repeats what S3 said
/// ([CreateFunction](https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html)).
fn stored(cloud: &Cloud, bucket: &str, key: &str, version: Option<&str>) -> Result<Bytes, ServiceError> {
    cloud.s3().object(bucket, key, version).map_err(|error| {
        errors::invalid(format!(
            "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}",
            error.code, error.message
        ))
    })
}

/// Where the code is, for people.
pub(super) fn location(code: &Code) -> String {
    match code {
        Code::Binary(path) => format!("file://{}", path.display()),
        Code::Unpacked(unpacked) => format!("file://{}", unpacked.folder.path().display()),
        Code::InProcess(_) => "in-process".to_owned(),
    }
}

/// `CodeSha256` and `CodeSize`. A program on disk is not read for it: its digest is of its path.
pub(super) fn digest(code: &Code) -> (String, u64) {
    match code {
        Code::Unpacked(unpacked) => (unpacked.sha256.clone(), unpacked.size as u64),
        Code::Binary(path) => {
            let size = std::fs::metadata(path).map_or(0, |data| data.len());
            (STANDARD.encode(Sha256::digest(path.to_string_lossy().as_bytes())), size)
        }
        Code::InProcess(_) => (STANDARD.encode(Sha256::digest(b"in-process")), 0),
    }
}
