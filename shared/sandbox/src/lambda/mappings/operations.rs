//! Operations on mappings.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::settings::{Settings, Source};
use super::{Mapping, queue, stream};
use crate::cloud::{Cloud, Service};
use crate::lambda::ask;
use crate::lambda::errors;
use crate::lambda::names::Reference;
use crate::wire::{Answer, ServiceError, set_member};

pub(in crate::lambda) async fn create(cloud: &Cloud, input: &Value) -> Answer {
    let reference = Reference::from_input(input)?;
    let function = cloud.lambda().function(cloud, &reference)?;
    let source = input.get("EventSourceArn").and_then(Value::as_str).unwrap_or_default();
    let kind = Source::of(source)?;
    let mut settings = Settings::new(kind);
    settings.change(kind, input)?;
    if kind == Source::Stream && settings.start.is_none() {
        return Err(errors::invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
        ));
    }
    if let Source::Queue { .. } = kind {
        check_queue(cloud, source, function.spec().timeout.as_secs()).await?;
    }
    let mapping = {
        let mut state = cloud.lambda().state();
        let same = |m: &&Arc<Mapping>| m.source == source && m.function.name == function.name;
        if let Some(other) = state.mappings.values().find(same) {
            return Err(errors::conflict(format!(
                "The event source arn (\" {source} \") and function (\" {} \") provided mapping already exists. Please \
                 update or delete the existing mapping with UUID {}",
                function.name, other.uuid
            )));
        }
        let uuid = cloud.uuid().to_string();
        let mapping = Mapping::new(uuid.clone(), function, source.to_owned(), kind, settings, cloud.clock().now());
        let mapping = Arc::new(mapping);
        state.mappings.insert(uuid, mapping.clone());
        mapping
    };
    if let Err(error) = start(cloud, &mapping).await {
        cloud.lambda().state().mappings.remove(&mapping.uuid);
        return Err(error);
    }
    Ok(show(&mapping, None))
}

/// A queue must be there, and hide messages at least as long as the function may take
/// ([configuring a queue](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html)).
async fn check_queue(cloud: &Cloud, arn: &str, timeout: u64) -> Result<(), ServiceError> {
    let missing = |_| {
        errors::invalid(format!(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist: {arn}"
        ))
    };
    let url = crate::lambda::invoke::queue_url(cloud, arn).await.map_err(missing)?;
    let input = json!({ "QueueUrl": url, "AttributeNames": ["VisibilityTimeout"] });
    let answer = ask(cloud, Service::Sqs, "GetQueueAttributes", input).await?;
    let hidden = answer.pointer("/Attributes/VisibilityTimeout").and_then(Value::as_str);
    let hidden = hidden.and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
    if hidden < timeout {
        return Err(errors::invalid(format!(
            "Queue visibility timeout: {hidden} seconds is less than Function timeout: {timeout} seconds"
        )));
    }
    Ok(())
}

/// Starts the poller of an enabled mapping.
async fn start(cloud: &Cloud, mapping: &Arc<Mapping>) -> Result<(), ServiceError> {
    let settings = mapping.settings();
    if !settings.enabled {
        return Ok(());
    }
    let poller = match mapping.kind {
        Source::Queue { .. } => {
            let url = crate::lambda::invoke::queue_url(cloud, &mapping.source).await?;
            cloud.lambda().tasks().start(queue::poll(cloud.clone(), mapping.clone(), url))
        }
        Source::Stream => {
            let shards = stream::open(cloud, &mapping.source, &settings).await?;
            let changes = stream::changes(cloud, &mapping.source);
            // What is there already counts as behind when it is to be read.
            let behind = u64::from(settings.start == Some(super::settings::Start::TrimHorizon));
            mapping.progress.done.store(changes.borrow().wrapping_sub(behind), Ordering::Release);
            *mapping.progress.changes() = Some(changes.clone());
            cloud.lambda().tasks().start(stream::poll(cloud.clone(), mapping.clone(), shards, changes))
        }
    };
    mapping.state().poller = Some(poller);
    Ok(())
}

pub(in crate::lambda) fn get(cloud: &Cloud, input: &Value) -> Answer {
    Ok(show(&*find(cloud, input)?, None))
}

pub(in crate::lambda) fn list(cloud: &Cloud, input: &Value) -> Answer {
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    let function = match input.get("FunctionName") {
        Some(Value::String(_)) => Some(Reference::from_input(input)?.name),
        _ => None,
    };
    let after = text("Marker").unwrap_or_default();
    let most = input.get("MaxItems").and_then(Value::as_u64).unwrap_or(100).clamp(1, 100);
    let most = usize::try_from(most).unwrap_or(100);
    let state = cloud.lambda().state();
    let all = state.mappings.values().filter(|m| function.as_deref().is_none_or(|name| m.function.name == name));
    let all = all.filter(|m| text("EventSourceArn").is_none_or(|arn| m.source == arn));
    let rest: Vec<_> = all.filter(|m| m.uuid.as_str() > after).collect();
    let page: Vec<_> = rest.iter().take(most).map(|mapping| show(mapping, None)).collect();
    let mut answer = json!({ "EventSourceMappings": page });
    if rest.len() > most {
        set_member(&mut answer, "NextMarker", rest.get(most - 1).map_or(Value::Null, |m| m.uuid.clone().into()));
    }
    Ok(answer)
}

pub(in crate::lambda) async fn update(cloud: &Cloud, input: &Value) -> Answer {
    let mapping = find(cloud, input)?;
    if let Some(name) = input.get("FunctionName").and_then(Value::as_str)
        && Reference::parse(name).is_none_or(|reference| reference.name != mapping.function.name)
    {
        return Err(errors::unsupported("FunctionName", &Value::from(name)));
    }
    let mut settings = (*mapping.settings()).clone();
    settings.change(mapping.kind, input)?;
    let (was, is) = (mapping.settings().enabled, settings.enabled);
    {
        let mut state = mapping.state();
        state.settings = Arc::new(settings);
        state.modified = cloud.clock().now();
    }
    match (was, is) {
        (true, false) => mapping.stop(),
        (false, true) => start(cloud, &mapping).await?,
        _ => {}
    }
    Ok(show(&mapping, None))
}

pub(in crate::lambda) fn delete(cloud: &Cloud, input: &Value) -> Answer {
    let mapping = find(cloud, input)?;
    mapping.stop();
    cloud.lambda().state().mappings.remove(&mapping.uuid);
    Ok(show(&mapping, Some("Deleting")))
}

fn find(cloud: &Cloud, input: &Value) -> Result<Arc<Mapping>, ServiceError> {
    let uuid = input.get("UUID").and_then(Value::as_str).unwrap_or_default();
    let mapping = cloud.lambda().state().mappings.get(uuid).cloned();
    mapping.ok_or_else(|| errors::not_found("The resource you requested does not exist."))
}

fn show(mapping: &Mapping, state: Option<&str>) -> Value {
    let settings = mapping.settings();
    let modified = mapping.state().modified;
    let mut shown = settings.show(mapping.kind);
    set_member(&mut shown, "UUID", mapping.uuid.clone());
    set_member(&mut shown, "EventSourceArn", mapping.source.clone());
    set_member(&mut shown, "FunctionArn", mapping.function.arn.clone());
    set_member(&mut shown, "LastModified", modified.as_second());
    set_member(&mut shown, "State", state.unwrap_or(if settings.enabled { "Enabled" } else { "Disabled" }));
    set_member(&mut shown, "StateTransitionReason", "USER_INITIATED");
    if mapping.kind == Source::Stream {
        set_member(&mut shown, "LastProcessingResult", "OK");
    }
    shown
}
