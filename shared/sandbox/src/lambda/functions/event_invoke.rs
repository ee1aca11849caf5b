//! Settings of asynchronous invocation, one of each qualifier
//! ([PutFunctionEventInvokeConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html)).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::input::number;
use super::paging;
use crate::cloud::Cloud;
use crate::lambda::errors;
use crate::lambda::family::{EventInvokeSettings, LATEST};
use crate::lambda::function::Function;
use crate::lambda::names::Reference;
use crate::lambda::spec::EventInvoke;
use crate::wire::{Answer, ServiceError, set_member};

/// Whose settings they are.
struct Holder {
    latest: Arc<Function>,
    qualifier: String,
}

impl Holder {
    fn arn(&self) -> String {
        format!("{}:{}", self.latest.family.arn, self.qualifier)
    }

    fn settings(&self) -> Option<EventInvokeSettings> {
        self.latest.family.beside().event_invoke.get(&self.qualifier).cloned()
    }
}

/// The reference, with its qualifier.
fn reference(cloud: &Cloud, input: &Value) -> Result<Reference, ServiceError> {
    let mut reference = Reference::from_input(cloud, input)?;
    reference.qualifier.get_or_insert_with(|| LATEST.to_owned());
    Ok(reference)
}

/// One that is to be changed.
fn holder(cloud: &Cloud, input: &Value) -> Result<Holder, ServiceError> {
    let reference = reference(cloud, input)?;
    let missing = |_| errors::not_found("The function doesn't exist.");
    cloud.lambda().function(cloud, &reference).map_err(missing)?;
    let latest = cloud.lambda().latest(cloud, &reference).map_err(missing)?;
    Ok(Holder { latest, qualifier: reference.qualifier.unwrap_or_default() })
}

/// One that has settings.
fn configured(cloud: &Cloud, input: &Value) -> Result<(Holder, EventInvokeSettings), ServiceError> {
    let reference = reference(cloud, input)?;
    let missing = || {
        let arn = reference.arn(cloud);
        errors::not_found(format!("The function {arn} doesn't have an EventInvokeConfig"))
    };
    let latest = cloud.lambda().latest(cloud, &reference).map_err(|_| missing())?;
    let holder = Holder { latest, qualifier: reference.qualifier.clone().unwrap_or_default() };
    let settings = holder.settings().ok_or_else(missing)?;
    Ok((holder, settings))
}

pub(super) fn put(cloud: &Cloud, input: &Value) -> Answer {
    let given = |name: &str| input.get(name).is_some_and(|value| !value.is_null());
    if !["MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"].into_iter().any(given) {
        return Err(errors::invalid("You must specify at least one of error handling or destination setting."));
    }
    set(cloud, &holder(cloud, input)?, EventInvoke::default(), input)
}

pub(super) fn update(cloud: &Cloud, input: &Value) -> Answer {
    holder(cloud, input)?;
    let (holder, own) = configured(cloud, input)?;
    set(cloud, &holder, own.settings, input)
}

pub(super) fn get(cloud: &Cloud, input: &Value) -> Answer {
    let (holder, own) = configured(cloud, input)?;
    Ok(show(&holder.arn(), &own))
}

pub(super) fn delete(cloud: &Cloud, input: &Value) -> Answer {
    let (holder, _) = configured(cloud, input)?;
    holder.latest.family.beside().event_invoke.remove(&holder.qualifier);
    Ok(json!({}))
}

pub(super) fn list(cloud: &Cloud, input: &Value) -> Answer {
    let reference = Reference::from_input(cloud, input)?;
    let missing = |_| errors::not_found("The function doesn't exist.");
    let latest = cloud.lambda().latest(cloud, &reference).map_err(missing)?;
    let beside = latest.family.beside();
    let arn = |qualifier: &str| format!("{}:{qualifier}", latest.family.arn);
    let shown = beside.event_invoke.iter().map(|(qualifier, own)| (qualifier.clone(), show(&arn(qualifier), own)));
    Ok(paging::page(input, "FunctionEventInvokeConfigs", 50, shown.collect()))
}

fn set(cloud: &Cloud, holder: &Holder, mut settings: EventInvoke, input: &Value) -> Answer {
    if let Some(attempts) = number(input, "MaximumRetryAttempts", 0, 2)? {
        settings.maximum_retry_attempts = u32::try_from(attempts).ok();
    }
    if let Some(seconds) = number(input, "MaximumEventAgeInSeconds", 60, 21_600)? {
        settings.maximum_event_age = Some(Duration::from_secs(seconds));
    }
    if input.get("DestinationConfig").is_some_and(|config| !config.is_null()) {
        settings.on_failure = destination(cloud, holder, input, "OnFailure")?;
        settings.on_success = destination(cloud, holder, input, "OnSuccess")?;
    }
    let own = EventInvokeSettings { settings, modified: cloud.clock().now() };
    let shown = show(&holder.arn(), &own);
    holder.latest.family.beside().event_invoke.insert(holder.qualifier.clone(), own);
    Ok(shown)
}

fn destination(cloud: &Cloud, holder: &Holder, input: &Value, name: &str) -> Result<Option<String>, ServiceError> {
    let text = |name: &str| input.pointer(&format!("/DestinationConfig/{name}/Destination")).and_then(Value::as_str);
    let Some(target) = text(name).filter(|target| !target.is_empty()) else { return Ok(None) };
    let parts: Vec<&str> = target.split(':').collect();
    let service = parts.get(2).copied().unwrap_or_default();
    let letters = service.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if parts.first() != Some(&"arn") || !letters {
        let member = format!("{}{}", "o", name.get(1..).unwrap_or_default());
        return Err(errors::validation(format!(
            "1 validation error detected: Value '{target}' at 'destinationConfig.{member}.destination' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: \
             $|kafka://([^.]([a-zA-Z0-9\\-_.]{{0,248}}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:((eusc-)?[a-z]{{2}}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{{1}})?:(\\d{{12}})?:(.*)"
        )));
    }
    match service {
        "sqs" | "events" => Ok(Some(target.to_owned())),
        "lambda" => {
            let invalid = || errors::invalid(format!("The destination ARN {target} is invalid."));
            let reference = Reference::parse(target).ok_or_else(invalid)?;
            if reference.name == holder.latest.name() {
                return Err(errors::invalid("You can't specify the function as a destination for itself."));
            }
            cloud.lambda().function(cloud, &reference).map_err(|_| invalid())?;
            Ok(Some(target.to_owned()))
        }
        "sns" | "s3" => Err(errors::unsupported("Destination", &Value::from(target))),
        _ => {
            let side = |name: &str| match text(name) {
                Some(target) => format!("{name}(destination={target})"),
                None => "null".to_owned(),
            };
            Err(errors::invalid(format!(
                "The provided destination config DestinationConfig(onSuccess={}, onFailure={}) is invalid.",
                side("OnSuccess"),
                side("OnFailure")
            )))
        }
    }
}

fn show(arn: &str, own: &EventInvokeSettings) -> Value {
    let settings = &own.settings;
    let destination = |target: &Option<String>| match target {
        Some(target) => json!({ "Destination": target }),
        None => json!({}),
    };
    let mut shown = json!({
        "LastModified": own.modified.as_second(),
        "FunctionArn": arn,
        "DestinationConfig": {
            "OnSuccess": destination(&settings.on_success),
            "OnFailure": destination(&settings.on_failure),
        },
    });
    if let Some(attempts) = settings.maximum_retry_attempts {
        set_member(&mut shown, "MaximumRetryAttempts", attempts);
    }
    if let Some(age) = settings.maximum_event_age {
        set_member(&mut shown, "MaximumEventAgeInSeconds", age.as_secs());
    }
    shown
}
