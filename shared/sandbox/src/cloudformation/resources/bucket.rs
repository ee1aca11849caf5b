//! `AWS::S3::Bucket`, `AWS::S3::BucketPolicy`.

use serde_json::{Value, json};

use super::properties::{document, flag, items, tags, text};
use super::{At, Kind, Made, Refused};
use crate::cloud::Service;
use crate::xml::{self, Lists};

const S3: Service = Service::S3;

/// A setting's name in S3, and its document for the properties; `None` where they have none.
fn settings(properties: &Value) -> [(&'static str, Option<String>); 5] {
    [
        ("versioning", versioning(properties)),
        ("encryption", encryption(properties)),
        ("publicAccessBlock", public_access(properties)),
        ("ownershipControls", ownership(properties)),
        ("tagging", tagging(properties)),
    ]
}

fn element(name: &str, members: &Value) -> String {
    let mut out = format!("<{name} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    xml::write(&mut out, members, Lists::Flat);
    out.push_str(&format!("</{name}>"));
    out
}

fn versioning(properties: &Value) -> Option<String> {
    let status = text(properties.get("VersioningConfiguration")?, "Status")?;
    Some(element("VersioningConfiguration", &json!({ "Status": status })))
}

fn encryption(properties: &Value) -> Option<String> {
    let section = properties.get("BucketEncryption")?;
    let rule = |rule: &Value| {
        json!({
            "ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault"),
            "BucketKeyEnabled": rule.get("BucketKeyEnabled"),
        })
    };
    let rules: Vec<Value> = items(section, "ServerSideEncryptionConfiguration").iter().map(rule).collect();
    Some(element("ServerSideEncryptionConfiguration", &json!({ "Rule": rules })))
}

fn public_access(properties: &Value) -> Option<String> {
    let section = properties.get("PublicAccessBlockConfiguration")?;
    let names = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
    let members: Value = names.iter().map(|name| ((*name).to_owned(), Value::from(flag(section, name)))).collect();
    Some(element("PublicAccessBlockConfiguration", &members))
}

fn ownership(properties: &Value) -> Option<String> {
    let rules = items(properties.get("OwnershipControls")?, "Rules");
    Some(element("OwnershipControls", &json!({ "Rule": rules })))
}

fn tagging(properties: &Value) -> Option<String> {
    let tags: Vec<Value> = tags(properties).iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    (!tags.is_empty()).then(|| element("Tagging", &json!({ "TagSet": { "Tag": tags } })))
}

async fn apply(at: &At<'_>, bucket: &str, old: &Value, new: &Value) -> Result<(), Refused> {
    for ((setting, before), (_, after)) in settings(old).into_iter().zip(settings(new)) {
        match after {
            after if before == after => {}
            Some(document) => {
                let input = json!({ "Bucket": bucket, "Setting": setting, "Document": document });
                at.call(S3, "PutBucketSetting", input).await?;
            }
            // Versioning cannot be taken off, only suspended.
            None if setting == "versioning" => {
                let document = element("VersioningConfiguration", &json!({ "Status": "Suspended" }));
                let input = json!({ "Bucket": bucket, "Setting": setting, "Document": document });
                at.call(S3, "PutBucketSetting", input).await?;
            }
            None => {
                at.call(S3, "DeleteBucketSetting", json!({ "Bucket": bucket, "Setting": setting })).await?;
            }
        }
    }
    Ok(())
}

pub(super) async fn create(at: &At<'_>, kind: &Kind, properties: &Value) -> Result<Made, Refused> {
    let name = at.name(kind, properties);
    if at.call(S3, "HeadBucket", json!({ "Bucket": name })).await.is_ok() {
        return Err(Refused::new("CreateBucket", "AlreadyExists", format!("{name} already exists")));
    }
    at.call(S3, "CreateBucket", json!({ "Bucket": name })).await?;
    if let Err(refused) = apply(at, &name, &Value::Null, properties).await {
        at.remove(S3, "DeleteBucket", json!({ "Bucket": name })).await?;
        return Err(refused);
    }
    let region = at.cloud.region();
    Ok(Made::new(name.clone())
        .with("Arn", format!("arn:aws:s3:::{name}"))
        .with("DomainName", format!("{name}.s3.amazonaws.com"))
        .with("DualStackDomainName", format!("{name}.s3.dualstack.{region}.amazonaws.com"))
        .with("RegionalDomainName", format!("{name}.s3.{region}.amazonaws.com"))
        .with("WebsiteURL", format!("http://{name}.s3-website-{region}.amazonaws.com")))
}

pub(super) async fn update(at: &At<'_>, made: &Made, old: &Value, new: &Value) -> Result<Made, Refused> {
    apply(at, &made.id, old, new).await?;
    Ok(made.clone())
}

pub(super) async fn put_policy(at: &At<'_>, properties: &Value) -> Result<Made, Refused> {
    let bucket = text(properties, "Bucket").unwrap_or_default();
    let policy = document(properties.get("PolicyDocument").unwrap_or(&Value::Null));
    let input = json!({ "Bucket": bucket, "Setting": "policy", "Document": policy });
    at.call(S3, "PutBucketSetting", input).await?;
    Ok(Made::new(bucket))
}

pub(super) async fn drop_policy(at: &At<'_>, bucket: &str) -> Result<(), Refused> {
    at.remove(S3, "DeleteBucketSetting", json!({ "Bucket": bucket, "Setting": "policy" })).await
}
