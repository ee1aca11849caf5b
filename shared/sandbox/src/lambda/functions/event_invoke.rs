//! Settings of asynchronous invocation
//! ([PutFunctionEventInvokeConfig](https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html)).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::input::number;
use crate::cloud::Cloud;
use crate::lambda::errors;
use crate::lambda::function::Function;
use crate::lambda::names::Reference;
use crate::lambda::spec::EventInvoke;
use crate::wire::{Answer, ServiceError, set_member};

pub(super) fn put(cloud: &Cloud, input: &Value) -> Answer {
    let function = cloud.lambda().function(cloud, &Reference::from_input(input)?)?;
    set(cloud, &function, EventInvoke::default(), input)
}

pub(super) fn update(cloud: &Cloud, input: &Value) -> Answer {
    let (function, settings) = configured(cloud, input)?;
    set(cloud, &function, settings, input)
}

pub(super) fn get(cloud: &Cloud, input: &Value) -> Answer {
    let (function, settings) = configured(cloud, input)?;
    Ok(show(&function, &settings))
}

pub(super) fn delete(cloud: &Cloud, input: &Value) -> Answer {
    let (function, _) = configured(cloud, input)?;
    function.modify(|settings| Arc::make_mut(&mut settings.spec).event_invoke = None);
    Ok(json!({}))
}

fn configured(cloud: &Cloud, input: &Value) -> Result<(Arc<Function>, EventInvoke), ServiceError> {
    let function = cloud.lambda().function(cloud, &Reference::from_input(input)?)?;
    let missing =
        || errors::not_found(format!("The function {}:$LATEST doesn't have an EventInvokeConfig", function.arn));
    let settings = function.spec().event_invoke.clone().ok_or_else(missing)?;
    Ok((function, settings))
}

fn set(cloud: &Cloud, function: &Arc<Function>, mut settings: EventInvoke, input: &Value) -> Answer {
    if let Some(attempts) = number(input, "MaximumRetryAttempts", 0, 2)? {
        settings.maximum_retry_attempts = u32::try_from(attempts).ok();
    }
    if let Some(seconds) = number(input, "MaximumEventAgeInSeconds", 60, 21_600)? {
        settings.maximum_event_age = Some(Duration::from_secs(seconds));
    }
    let destination = |name: &str| -> Result<Option<String>, ServiceError> {
        let target = input.pointer(&format!("/DestinationConfig/{name}/Destination")).and_then(Value::as_str);
        let Some(target) = target.filter(|target| !target.is_empty()) else { return Ok(None) };
        match target.split(':').nth(2) {
            Some("sqs" | "events" | "lambda") => Ok(Some(target.to_owned())),
            _ => Err(errors::unsupported("Destination", &Value::from(target))),
        }
    };
    if input.get("DestinationConfig").is_some_and(|config| !config.is_null()) {
        settings.on_failure = destination("OnFailure")?;
        settings.on_success = destination("OnSuccess")?;
    }
    let now = cloud.clock().now();
    function.modify(|own| {
        Arc::make_mut(&mut own.spec).event_invoke = Some(settings.clone());
        own.event_invoke_modified = now;
    });
    Ok(show(function, &settings))
}

fn show(function: &Function, settings: &EventInvoke) -> Value {
    let destination = |target: &Option<String>| match target {
        Some(target) => json!({ "Destination": target }),
        None => json!({}),
    };
    let modified = function.settings().event_invoke_modified;
    let mut shown = json!({
        "LastModified": modified.as_second(),
        "FunctionArn": format!("{}:$LATEST", function.arn),
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
