//! A function as answers show it.

use serde_json::{Value, json};

use super::code;
use crate::lambda::function::Function;
use crate::lambda::spec::{FunctionSpec, LogFormat};
use crate::wire::set_member;

/// [FunctionConfiguration](https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html)
pub(super) fn show(function: &Function) -> Value {
    let settings = function.settings();
    let spec = &settings.spec;
    let (sha256, size) = code::digest(&spec.code);
    let mut shown = json!({
        "FunctionName": spec.name,
        "FunctionArn": function.arn,
        "Runtime": spec.runtime,
        "Role": spec.role,
        "Handler": spec.handler,
        "CodeSize": size,
        "Description": spec.description,
        "Timeout": spec.timeout.as_secs(),
        "MemorySize": spec.memory_mb,
        "LastModified": settings.modified.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string(),
        "CodeSha256": sha256,
        "Version": "$LATEST",
        "TracingConfig": { "Mode": "PassThrough" },
        "RevisionId": settings.revision,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": [spec.architecture],
        "EphemeralStorage": { "Size": 512 },
        "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
        "LoggingConfig": logging(spec),
    });
    if !spec.environment.is_empty() {
        set_member(&mut shown, "Environment", json!({ "Variables": spec.environment }));
    }
    if let Some(target) = &spec.dead_letter_target {
        set_member(&mut shown, "DeadLetterConfig", json!({ "TargetArn": target }));
    }
    shown
}

fn logging(spec: &FunctionSpec) -> Value {
    match spec.log_format {
        LogFormat::Text => json!({ "LogFormat": "Text", "LogGroup": spec.group() }),
        LogFormat::Json => json!({
            "LogFormat": "JSON",
            "ApplicationLogLevel": spec.application_log_level.as_deref().unwrap_or("INFO"),
            "SystemLogLevel": spec.system_log_level.as_str(),
            "LogGroup": spec.group(),
        }),
    }
}
