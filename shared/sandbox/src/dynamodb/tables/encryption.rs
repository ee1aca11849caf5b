//! Encryption at rest: the setting is kept and shown
//! ([SSESpecification](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSESpecification.html)).

use serde_json::{Value, json};

use super::{invalid, not_one_of};
use crate::cloud::Cloud;
use crate::hash::md5_hex;
use crate::wire::{ServiceError, set_member};

/// The key that AWS keeps for an account's tables.
const OWN: &str = "alias/aws/dynamodb";

pub(super) enum Change {
    On(String),
    Off,
}

/// Takes the specification; `current` is the key of the table when it is there already.
pub(super) fn take(
    cloud: &Cloud,
    current: Option<Option<&str>>,
    input: &mut Value,
) -> Result<Option<Change>, ServiceError> {
    let asked = input.as_object_mut().and_then(|members| members.shift_remove("SSESpecification"));
    let Some(asked) = asked.filter(Value::is_object) else { return Ok(None) };
    let kind = asked.get("SSEType").and_then(Value::as_str);
    let key = asked.get("KMSMasterKeyId").and_then(Value::as_str);
    if let Some(kind) = kind.filter(|kind| !matches!(*kind, "AES256" | "KMS")) {
        return Err(not_one_of(kind, "sSESpecification.sSEType", "AES256, KMS"));
    }
    let change = match (asked.get("Enabled").and_then(Value::as_bool), kind, key) {
        (Some(false), Some(_), _) => return Err(invalid("SSEType can not be specified if Enabled is false")),
        (Some(false), None, Some(_)) => {
            return Err(invalid("KMSMasterKeyId can not be specified if Enabled is false"));
        }
        (Some(true), Some("AES256"), _) => return Err(invalid("SSEType AES256 is not supported")),
        (_, None, Some(_)) => return Err(invalid("SSEType KMS is required if KMSMasterKeyId is specified")),
        (Some(false), None, None) => Change::Off,
        (None, None, None) => return Ok(None),
        (_, _, key) => Change::On(arn(cloud, key.unwrap_or(OWN))),
    };
    match (&change, current) {
        (Change::Off, Some(None)) => Err(invalid("Table is already encrypted by default")),
        (Change::On(new), Some(Some(old))) if key.is_some_and(|key| key == old) && new == old => {
            let message = "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you \
                           want to change Master Key";
            Err(invalid(message))
        }
        _ => Ok(Some(change)),
    }
}

/// A key's ARN. Keys are not looked up: an alias stands for a key with an id of its own.
fn arn(cloud: &Cloud, key: &str) -> String {
    if key.starts_with("arn:") {
        return key.to_owned();
    }
    let (region, account) = (cloud.region(), cloud.account());
    let id = match key.strip_prefix("alias/") {
        Some(_) => id(&format!("{account} {region} {key}")),
        None => key.to_owned(),
    };
    format!("arn:aws:kms:{region}:{account}:key/{id}")
}

fn id(of: &str) -> String {
    let hex = md5_hex(of.as_bytes());
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// A change takes its time in AWS: its answer still shows the key from before, if there was one.
pub(super) fn describe(key: &mut Option<String>, operation: &str, change: Option<&Change>, table: &mut Value) {
    let before = key.clone();
    match change {
        Some(Change::On(new)) => *key = Some(new.clone()),
        Some(Change::Off) => *key = None,
        None => {}
    }
    let changes = operation == "UpdateTable" && change.is_some();
    let (status, shown) = if changes { ("UPDATING", before.or_else(|| key.clone())) } else { ("ENABLED", key.clone()) };
    match shown {
        Some(arn) => {
            let description = json!({ "Status": status, "SSEType": "KMS", "KMSMasterKeyArn": arn });
            set_member(table, "SSEDescription", description);
        }
        None => {
            table.as_object_mut().map(|members| members.shift_remove("SSEDescription"));
        }
    }
}
