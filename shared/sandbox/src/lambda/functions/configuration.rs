//! A function as answers show it.

use serde_json::{Value, json};

use super::code;
use crate::lambda::function::Function;
use crate::lambda::spec::LogFormat;

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
        "LoggingConfig": { "LogFormat": "Text", "LogGroup": spec.group() },
    });
    if spec.log_format == LogFormat::Json {
        let level = spec.application_log_level.as_deref().unwrap_or("INFO");
        shown["LoggingConfig"]["LogFormat"] = "JSON".into();
        shown["LoggingConfig"]["ApplicationLogLevel"] = level.into();
        shown["LoggingConfig"]["SystemLogLevel"] = spec.system_log_level.as_str().into();
    }
    if !spec.environment.is_empty() {
        shown["Environment"] = json!({ "Variables": spec.environment });
    }
    if let Some(target) = &spec.dead_letter_target {
        shown["DeadLetterConfig"] = json!({ "TargetArn": target });
    }
    shown
}
