//! Creating and changing functions.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::configuration::Phase;
use super::{checks, code, configuration, environment, runtimes, tags, versions};
use crate::cloud::Cloud;
use crate::lambda::errors;
use crate::lambda::family::LATEST;
use crate::lambda::function::Function;
use crate::lambda::limits::TIMEOUT;
use crate::lambda::names::Reference;
use crate::lambda::spec::{FunctionSpec, LogFormat, LogLevel};
use crate::wire::{Answer, ServiceError, set_member};

/// Members that change what a function does, and that the local cloud does not do.
const UNSUPPORTED: &[&str] = &[
    "Layers",
    "VpcConfig",
    "FileSystemConfigs",
    "ImageConfig",
    "SnapStart",
    "CodeSigningConfigArn",
    "DurableConfig",
    "CapacityProviderConfig",
];

pub(super) fn create(cloud: &Cloud, input: &Value) -> Answer {
    let reference = Reference::of_new(cloud, input)?;
    checks::check(input)?;
    if input.get("PackageType").and_then(Value::as_str) == Some("Image") {
        return Err(errors::unsupported("PackageType", &Value::from("Image")));
    }
    let code = code::from_input(cloud, input.get("Code").unwrap_or(&Value::Null))?;
    let mut spec = FunctionSpec::new(reference.name, code);
    configure(&mut spec, input)?;
    spec.tags = tags::from_input(input);
    tags::check(&spec.tags)?;
    let function = cloud.lambda().insert(cloud, spec)?;
    keep_environment(&function, input);
    let mut shown = configuration::show(&function, None, Phase::Creating);
    if publishes(input) {
        let version = versions::new_version(cloud, &function, None);
        set_member(&mut shown, "Version", version.version.clone());
    }
    settled(cloud, &function);
    Ok(shown)
}

fn publishes(input: &Value) -> bool {
    input.get("Publish").and_then(Value::as_bool) == Some(true)
}

fn keep_environment(function: &Function, input: &Value) {
    if input.get("Environment").is_some_and(Value::is_object) {
        function.modify(|own| own.environment_given = true);
    }
}

/// What was pending is done, which is a change as well.
fn settled(cloud: &Cloud, function: &Function) {
    function.modify(|own| own.revision = cloud.uuid().to_string());
}

/// The one that can be changed.
fn changeable(cloud: &Cloud, input: &Value) -> Result<Arc<Function>, ServiceError> {
    let reference = Reference::from_input(cloud, input)?;
    let latest = cloud.lambda().latest(cloud, &reference)?;
    match reference.qualifier.as_deref() {
        None | Some(LATEST) => Ok(latest),
        Some(_) => Err(errors::invalid("The function name cannot be a version or an alias.")),
    }
}

pub(super) fn update_code(cloud: &Cloud, input: &Value) -> Answer {
    checks::check(input)?;
    let function = changeable(cloud, input)?;
    let code = code::from_input(cloud, input)?;
    versions::check_revision(input, &function.settings().revision)?;
    if input.get("DryRun").and_then(Value::as_bool) == Some(true) {
        return Ok(configuration::show(&function, None, Phase::Steady));
    }
    let architecture = architecture(input);
    function.redeploy(cloud.clock().now(), cloud.uuid().to_string(), |spec| {
        spec.code = code;
        if let Some(architecture) = architecture {
            spec.architecture = architecture;
        }
    });
    let shown = match publishes(input) {
        true => {
            let version = versions::new_version(cloud, &function, None);
            configuration::show(&version, None, Phase::Creating)
        }
        false => configuration::show(&function, None, Phase::Updating),
    };
    settled(cloud, &function);
    Ok(shown)
}

pub(super) fn update_configuration(cloud: &Cloud, input: &Value) -> Answer {
    checks::check(input)?;
    let function = changeable(cloud, input)?;
    let mut spec = (*function.spec()).clone();
    configure(&mut spec, input)?;
    versions::check_revision(input, &function.settings().revision)?;
    function.redeploy(cloud.clock().now(), cloud.uuid().to_string(), |own| *own = spec);
    keep_environment(&function, input);
    let shown = configuration::show(&function, None, Phase::Updating);
    settled(cloud, &function);
    Ok(shown)
}

fn architecture(input: &Value) -> Option<String> {
    input.pointer("/Architectures/0").and_then(Value::as_str).map(str::to_owned)
}

/// Takes over what a request sets.
fn configure(spec: &mut FunctionSpec, input: &Value) -> Result<(), ServiceError> {
    if let Some((member, value)) = UNSUPPORTED.iter().find_map(|name| Some((*name, input.get(name)?)))
        && is_set(value)
    {
        return Err(errors::unsupported(member, value));
    }
    let text = |name: &str| input.get(name).and_then(Value::as_str).map(str::to_owned);
    let fields = [
        ("Role", &mut spec.role),
        ("Handler", &mut spec.handler),
        ("Runtime", &mut spec.runtime),
        ("Description", &mut spec.description),
    ];
    for (name, field) in fields {
        if let Some(value) = text(name) {
            *field = value;
        }
    }
    if let Some(runtime) = text("Runtime") {
        runtimes::check(&runtime)?;
    }
    if let Some(architecture) = architecture(input) {
        spec.architecture = architecture;
    }
    if let Some(seconds) = number(input, "Timeout", 1, TIMEOUT)? {
        spec.timeout = Duration::from_secs(seconds);
    }
    if let Some(memory) = number(input, "MemorySize", 128, 32_768)? {
        spec.memory_mb = u32::try_from(memory).unwrap_or(128);
    }
    if let Some(variables) = input.pointer("/Environment/Variables").and_then(Value::as_object) {
        spec.environment = environment::read(variables)?;
    }
    if let Some(target) = input.pointer("/DeadLetterConfig/TargetArn").and_then(Value::as_str) {
        spec.dead_letter_target = Some(target.to_owned()).filter(|target| !target.is_empty());
    }
    logging(spec, input.get("LoggingConfig").unwrap_or(&Value::Null))
}

fn is_set(value: &Value) -> bool {
    let off = |value: &Value| value.get("ApplyOn").and_then(Value::as_str) == Some("None");
    let empty = value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(|o| o.is_empty());
    !(value.is_null() || empty || off(value))
}

fn logging(spec: &mut FunctionSpec, input: &Value) -> Result<(), ServiceError> {
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    match text("LogFormat") {
        None => {}
        Some("Text") => spec.log_format = LogFormat::Text,
        Some("JSON") => spec.log_format = LogFormat::Json,
        Some(other) => return Err(errors::invalid(format!("LogFormat {other} is neither Text nor JSON"))),
    }
    if let Some(group) = text("LogGroup") {
        spec.log_group = Some(group.to_owned());
    }
    if let Some(level) = text("ApplicationLogLevel") {
        spec.application_log_level = Some(level.to_owned());
    }
    if let Some(level) = text("SystemLogLevel") {
        let unknown = || errors::invalid(format!("SystemLogLevel {level} is none of DEBUG, INFO and WARN"));
        spec.system_log_level = LogLevel::parse(level).ok_or_else(unknown)?;
    }
    Ok(())
}

/// A whole number in `from..=to`, if there is one.
pub(super) fn number(input: &Value, name: &str, from: u64, to: u64) -> Result<Option<u64>, ServiceError> {
    let Some(value) = input.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let number = value.as_u64().filter(|number| (from..=to).contains(number));
    let member = name.chars().enumerate().map(|(i, c)| if i == 0 { c.to_ascii_lowercase() } else { c });
    let member: String = member.collect();
    let (relation, bound) = match value.as_i64() {
        Some(n) if n < i64::try_from(from).unwrap_or(0) => ("greater", from),
        _ => ("less", to),
    };
    number.map(Some).ok_or_else(|| {
        errors::validation(format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have \
             value {relation} than or equal to {bound}"
        ))
    })
}
