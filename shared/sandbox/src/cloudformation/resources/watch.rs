//! Resources that only a stack knows: alarms, which nothing here rings, and handles that stand for nothing.

use serde_json::Value;

use super::{At, Kind, Made};

pub(super) fn create(at: &At<'_>, kind: &Kind, properties: &Value) -> Made {
    let name = at.name(kind, properties);
    match kind.of {
        "AWS::CloudWatch::Alarm" => {
            let arn = at.cloud.arn("cloudwatch", &format!("alarm:{name}"));
            Made::new(name).with("Arn", arn)
        }
        "AWS::CDK::Metadata" => Made::new(name),
        _ => Made::new(format!("{}/_throughline/handles/{name}", at.cloud.endpoint())),
    }
}
