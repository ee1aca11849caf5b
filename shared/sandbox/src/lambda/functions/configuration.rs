//! A function as answers show it.

use serde_json::{Value, json};

use super::code;
use crate::hash::sha256_hex;
use crate::lambda::family::LATEST;
use crate::lambda::function::Function;
use crate::lambda::spec::{FunctionSpec, LogFormat};
use crate::wire::set_member;

/// What of its life an answer shows. Here functions are ready at once; answers of operations say what AWS's say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Creating,
    Updating,
    Steady,
    /// Lists leave it out.
    Listed,
}

/// [FunctionConfiguration](https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html), with the ARN as
/// it was qualified; a published version shows its number in any case.
pub(super) fn show(function: &Function, qualifier: Option<&str>, phase: Phase) -> Value {
    let settings = function.settings();
    let spec = &settings.spec;
    let (sha256, size) = code::digest(&spec.code);
    let qualifier = qualifier.or_else(|| Some(function.version.as_str()).filter(|version| *version != LATEST));
    let arn = &function.family.arn;
    let mut shown = json!({
        "FunctionName": spec.name,
        "FunctionArn": qualifier.map_or_else(|| arn.clone(), |qualifier| format!("{arn}:{qualifier}")),
        "Runtime": spec.runtime,
        "Role": spec.role,
        "Handler": spec.handler,
        "CodeSize": size,
        "Description": spec.description,
        "Timeout": spec.timeout.as_secs(),
        "MemorySize": spec.memory_mb,
        "LastModified": settings.modified.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string(),
        "CodeSha256": sha256,
        "Version": function.version,
        "TracingConfig": { "Mode": "PassThrough" },
        "RevisionId": settings.revision,
        "PackageType": "Zip",
        "Architectures": [spec.architecture],
        "EphemeralStorage": { "Size": 512 },
        "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
        "LoggingConfig": logging(spec),
    });
    for (name, value) in life(arn, spec, phase) {
        set_member(&mut shown, name, value);
    }
    if settings.environment_given || !spec.environment.is_empty() {
        set_member(&mut shown, "Environment", json!({ "Variables": spec.environment }));
    }
    if let Some(target) = &spec.dead_letter_target {
        set_member(&mut shown, "DeadLetterConfig", json!({ "TargetArn": target }));
    }
    shown
}

fn life(arn: &str, spec: &FunctionSpec, phase: Phase) -> Vec<(&'static str, Value)> {
    const REASON: &str = "The function is being created.";
    let state = match phase {
        Phase::Listed => return Vec::new(),
        Phase::Creating => [("State", "Pending"), ("StateReason", REASON), ("StateReasonCode", "Creating")].to_vec(),
        Phase::Updating => [
            ("State", "Active"),
            ("LastUpdateStatus", "InProgress"),
            ("LastUpdateStatusReason", REASON),
            ("LastUpdateStatusReasonCode", "Creating"),
        ]
        .to_vec(),
        Phase::Steady => [("State", "Active"), ("LastUpdateStatus", "Successful")].to_vec(),
    };
    let region = arn.split(':').nth(3).unwrap_or_default();
    let runtime = format!("arn:aws:lambda:{region}::runtime:{}", sha256_hex(spec.runtime.as_bytes()));
    let mut life: Vec<_> = state.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
    life.push(("RuntimeVersionConfig", json!({ "RuntimeVersionArn": runtime })));
    life
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
