//! Where code and definitions are.

use serde_json::{Map, Value};

use super::{Source, is_intrinsic};

/// A place in S3: `s3://bucket/key?versionId=v`, or a map of `Bucket`, `Key` and `Version`.
pub(super) fn place(source: &Source<'_>, property: &str, names: [&str; 3]) -> Result<Map<String, Value>, String> {
    let [bucket, key, version] = names;
    let value = source.get(property).unwrap_or(&Value::Null);
    let mut found = Map::new();
    if let Value::Object(members) = value
        && !is_intrinsic(value)
    {
        for (name, member) in [(bucket, "Bucket"), (key, "Key"), (version, "Version")] {
            match members.get(member) {
                Some(value) => drop(found.insert(name.to_owned(), value.clone())),
                None if member == "Version" => {}
                None => {
                    return Err(
                        source.error(format!("'{property}' requires Bucket and Key properties to be specified."))
                    );
                }
            }
        }
        return Ok(found);
    }
    let invalid = || {
        source.error(format!(
            "'{property}' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter."
        ))
    };
    let uri = value.as_str().and_then(|uri| uri.strip_prefix("s3://")).ok_or_else(invalid)?;
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let (in_bucket, in_key) =
        path.split_once('/').filter(|(b, k)| !b.is_empty() && !k.is_empty()).ok_or_else(invalid)?;
    found.insert(bucket.to_owned(), in_bucket.into());
    found.insert(key.to_owned(), in_key.into());
    if let Some(id) = query.strip_prefix("versionId=") {
        found.insert(version.to_owned(), id.into());
    }
    Ok(found)
}
