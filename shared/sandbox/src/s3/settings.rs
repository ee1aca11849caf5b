//! A bucket's settings: documents that are kept and shown. Only versioning changes what happens.

use super::bucket::Versioning;
use super::errors;
use crate::cloud::Cloud;
use crate::wire::ServiceError;
use crate::xml::Element;

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// What a bucket has until it is told otherwise. Since 2023 everything new is encrypted, private and owned by the bucket's owner
/// ([defaults](https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html)).
fn default(setting: &str) -> Option<String> {
    let document = match setting {
        "versioning" => format!("<VersioningConfiguration xmlns=\"{NAMESPACE}\"/>"),
        "encryption" => format!(
            "<ServerSideEncryptionConfiguration xmlns=\"{NAMESPACE}\"><Rule><ApplyServerSideEncryptionByDefault>\
             <SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false\
             </BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
        ),
        "publicAccessBlock" => format!(
            "<PublicAccessBlockConfiguration xmlns=\"{NAMESPACE}\"><BlockPublicAcls>true</BlockPublicAcls>\
             <IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>\
             <RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>"
        ),
        "ownershipControls" => format!(
            "<OwnershipControls xmlns=\"{NAMESPACE}\"><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>\
             </OwnershipControls>"
        ),
        "notification" => format!("<NotificationConfiguration xmlns=\"{NAMESPACE}\"/>"),
        "logging" => format!("<BucketLoggingStatus xmlns=\"{NAMESPACE}\"/>"),
        "accelerate" => format!("<AccelerateConfiguration xmlns=\"{NAMESPACE}\"/>"),
        "requestPayment" => format!(
            "<RequestPaymentConfiguration xmlns=\"{NAMESPACE}\"><Payer>BucketOwner</Payer></RequestPaymentConfiguration>"
        ),
        _ => return None,
    };
    Some(document)
}

/// What S3 says when a setting is not there.
fn missing(setting: &str, bucket: &str) -> ServiceError {
    let (code, message) = match setting {
        "policy" => ("NoSuchBucketPolicy", "The bucket policy does not exist"),
        "tagging" => ("NoSuchTagSet", "The TagSet does not exist"),
        "lifecycle" => ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
        "cors" => ("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
        "publicAccessBlock" => {
            ("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")
        }
        "ownershipControls" => ("OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
        _ => ("NoSuchConfiguration", "The specified configuration does not exist."),
    };
    errors::about(code, 404, message, "BucketName", bucket)
}

/// Settings by their name in a URL.
pub(super) const NAMES: [&str; 12] = [
    "accelerate",
    "cors",
    "encryption",
    "lifecycle",
    "logging",
    "notification",
    "ownershipControls",
    "policy",
    "publicAccessBlock",
    "requestPayment",
    "tagging",
    "versioning",
];

/// Stands for a setting that was deleted though a bucket has it from the start.
const DELETED: &str = "";

pub(super) fn get(cloud: &Cloud, bucket: &str, setting: &str) -> Result<String, ServiceError> {
    let state = cloud.s3().state();
    match state.bucket(bucket)?.settings.get(setting) {
        Some(document) if document != DELETED => Ok(document.clone()),
        Some(_) => Err(missing(setting, bucket)),
        None => default(setting).ok_or_else(|| missing(setting, bucket)),
    }
}

pub(super) fn put(cloud: &Cloud, bucket: &str, setting: &str, document: String) -> Result<(), ServiceError> {
    let mut state = cloud.s3().state();
    let bucket = state.bucket_mut(bucket)?;
    if setting == "policy" {
        if serde_json::from_str::<serde_json::Value>(&document).is_err() {
            return Err(errors::error(
                "MalformedPolicy",
                400,
                "Policies must be valid JSON and the first byte must be '{'",
            ));
        }
    } else {
        let element = Element::parse(&document).ok_or_else(errors::malformed)?;
        if setting == "versioning" {
            bucket.versioning = match element.child_text("Status") {
                Some("Enabled") => Some(Versioning::Enabled),
                Some("Suspended") => Some(Versioning::Suspended),
                _ => return Err(errors::malformed()),
            };
        }
    }
    bucket.settings.insert(setting.to_owned(), document);
    Ok(())
}

pub(super) fn delete(cloud: &Cloud, bucket: &str, setting: &str) -> Result<(), ServiceError> {
    let mut state = cloud.s3().state();
    let bucket = state.bucket_mut(bucket)?;
    match setting {
        // The default encryption cannot be switched off, only set back.
        "encryption" => drop(bucket.settings.remove(setting)),
        "publicAccessBlock" | "ownershipControls" => {
            bucket.settings.insert(setting.to_owned(), DELETED.to_owned());
        }
        _ => drop(bucket.settings.remove(setting)),
    }
    Ok(())
}
