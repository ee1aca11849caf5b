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
    let reference = Reference::from_input(cloud, input)?;
    let source = input.get("EventSourceArn").and_then(Value::as_str).unwrap_or_default();
    let kind = Source::of(source)?;
    let mut settings = Settings::new(kind);
    settings.change(kind, input)?;
    settings.tag(input);
    let function =
        cloud.lambda().function(cloud, &reference).map_err(|_| errors::invalid("Function does not exist"))?;
    let target = Reference { name: function.name().to_owned(), qualifier: reference.qualifier };
    match kind {
        Source::Queue { .. } => check_queue(cloud, source, function.spec().timeout.as_secs()).await?,
        Source::Stream => check_stream(cloud, source).await?,
    }
    let mapping = insert(cloud, target, source, kind, settings)?;
    if let Err(error) = start(cloud, &mapping).await {
        cloud.lambda().state().mappings.remove(&mapping.uuid);
        return Err(error);
    }
    Ok(show(cloud, &mapping, mapping.settings().enabled.then_some("Creating")))
}

fn insert(
    cloud: &Cloud,
    target: Reference,
    source: &str,
    kind: Source,
    settings: Settings,
) -> Result<Arc<Mapping>, ServiceError> {
    let uuid = cloud.uuid().to_string();
    let mut state = cloud.lambda().state();
    let same = |m: &&Arc<Mapping>| m.source == source && m.target() == target;
    if let Some(other) = state.mappings.values().find(same) {
        let (name, uuid) = (&target.name, &other.uuid);
        let pair = match kind {
            Source::Queue { .. } => {
                format!("An event source mapping with SQS arn (\" {source} \") and function (\" {name} \") already")
            }
            Source::Stream => {
                format!("The event source arn (\" {source} \") and function (\" {name} \") provided mapping already")
            }
        };
        let message = format!("{pair} exists. Please update or delete the existing mapping with UUID {uuid}");
        return Err(errors::conflict(message));
    }
    let mapping = Mapping::new(uuid.clone(), target, source.to_owned(), kind, settings, cloud.clock().now());
    let mapping = Arc::new(mapping);
    state.mappings.insert(uuid, mapping.clone());
    Ok(mapping)
}

async fn check_stream(cloud: &Cloud, arn: &str) -> Result<(), ServiceError> {
    let described = ask(cloud, Service::DynamoDbStreams, "DescribeStream", json!({ "StreamArn": arn })).await;
    described.map(drop).map_err(|_| errors::invalid(format!("Stream not found: {arn}")))
}

/// A queue must be there, and hide messages at least as long as the function may take
/// ([configuring a queue](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html)).
async fn check_queue(cloud: &Cloud, arn: &str, timeout: u64) -> Result<(), ServiceError> {
    let missing = |_| {
        errors::invalid(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error \
             Message: The specified queue does not exist.",
        )
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
pub(super) async fn start(cloud: &Cloud, mapping: &Arc<Mapping>) -> Result<(), ServiceError> {
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
    Ok(show(cloud, &*find(cloud, input)?, None))
}

pub(in crate::lambda) fn list(cloud: &Cloud, input: &Value) -> Answer {
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    let function = match input.get("FunctionName") {
        Some(Value::String(_)) => Some(Reference::from_input(cloud, input)?.name),
        _ => None,
    };
    let after = text("Marker").unwrap_or_default();
    let most = input.get("MaxItems").and_then(Value::as_u64).unwrap_or(100).clamp(1, 100);
    let most = usize::try_from(most).unwrap_or(100);
    let state = cloud.lambda().state();
    let all = state.mappings.values().filter(|m| function.as_deref().is_none_or(|name| m.target().name == name));
    let all = all.filter(|m| text("EventSourceArn").is_none_or(|arn| m.source == arn));
    let rest: Vec<_> = all.filter(|m| m.uuid.as_str() > after).collect();
    let page: Vec<_> = rest.iter().take(most).map(|mapping| show(cloud, mapping, None)).collect();
    let mut answer = json!({ "EventSourceMappings": page });
    if rest.len() > most {
        set_member(&mut answer, "NextMarker", rest.get(most - 1).map_or(Value::Null, |m| m.uuid.clone().into()));
    }
    Ok(answer)
}

pub(in crate::lambda) async fn update(cloud: &Cloud, input: &Value) -> Answer {
    let mapping = find(cloud, input)?;
    let mut settings = (*mapping.settings()).clone();
    settings.change(mapping.kind, input)?;
    let target = match input.get("FunctionName").and_then(Value::as_str).filter(|name| !name.is_empty()) {
        None => mapping.target(),
        Some(_) => {
            let reference = Reference::from_input(cloud, input)?;
            let function = cloud.lambda().function(cloud, &reference);
            let function = function.map_err(|_| errors::invalid("Function does not exist"))?;
            Reference { name: function.name().to_owned(), qualifier: reference.qualifier }
        }
    };
    let (was, is) = (mapping.settings().enabled, settings.enabled);
    {
        let mut state = mapping.state();
        state.target = target;
        state.settings = Arc::new(settings);
        state.modified = cloud.clock().now();
    }
    let shown = match (was, is) {
        (true, false) => {
            mapping.stop();
            "Disabling"
        }
        (false, true) => {
            start(cloud, &mapping).await?;
            "Enabling"
        }
        (true, true) => "Updating",
        (false, false) => "Disabled",
    };
    Ok(show(cloud, &mapping, Some(shown)))
}

pub(in crate::lambda) fn delete(cloud: &Cloud, input: &Value) -> Answer {
    let mapping = find(cloud, input)?;
    mapping.stop();
    cloud.lambda().state().mappings.remove(&mapping.uuid);
    Ok(show(cloud, &mapping, Some("Deleting")))
}

fn find(cloud: &Cloud, input: &Value) -> Result<Arc<Mapping>, ServiceError> {
    let uuid = input.get("UUID").and_then(Value::as_str).unwrap_or_default();
    let mapping = cloud.lambda().state().mappings.get(uuid).cloned();
    mapping.ok_or_else(|| errors::not_found("The resource you requested does not exist."))
}

/// A mapping as answers show it. `passing` is the state that an operation leads through: here mappings are in their new
/// state at once, but the answer says what AWS's says.
fn show(cloud: &Cloud, mapping: &Mapping, passing: Option<&str>) -> Value {
    let settings = mapping.settings();
    let mut shown = settings.show(mapping.kind);
    let (modified, result) = {
        let state = mapping.state();
        (state.modified, state.result)
    };
    set_member(&mut shown, "UUID", mapping.uuid.clone());
    set_member(&mut shown, "EventSourceMappingArn", mapping.arn(cloud));
    set_member(&mut shown, "EventSourceArn", mapping.source.clone());
    set_member(&mut shown, "FunctionArn", mapping.target().arn(cloud));
    set_member(&mut shown, "LastModified", modified.as_second());
    set_member(&mut shown, "State", passing.unwrap_or(if settings.enabled { "Enabled" } else { "Disabled" }));
    let (reason, processing) = match mapping.kind {
        Source::Queue { .. } => ("USER_INITIATED", None),
        Source::Stream => ("User action", Some(result.as_str())),
    };
    set_member(&mut shown, "StateTransitionReason", reason);
    if let Some(processing) = processing {
        set_member(&mut shown, "LastProcessingResult", processing);
    }
    shown
}
