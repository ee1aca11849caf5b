//! What stacks are made of: for each type of resource, how it is created, updated and deleted through the operations of its
//! service.

mod bucket;
mod events;
mod function;
mod iam;
mod kinds;
mod logs;
mod mapping;
mod properties;
mod queue;
mod state_machine;
mod table;
mod watch;

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::cloud::{Cloud, Service};
use crate::lambda::FunctionSpec;
use crate::wire::{Answer, ServiceError};

pub(crate) use kinds::{Kind, Recreation, kind};
pub(crate) use properties::tags;

/// How resources without a name of their own are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// With random characters, as AWS does.
    Random,
    /// The same for the same stack, so that they are known before it exists.
    Fixed,
}

/// A resource that is there: what `Ref` and `Fn::GetAtt` give.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Made {
    /// `Ref`, which is its physical id too.
    pub(crate) id: String,
    pub(crate) attributes: BTreeMap<String, String>,
}

impl Made {
    fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), attributes: BTreeMap::new() }
    }

    fn with(mut self, attribute: &str, value: impl Into<String>) -> Self {
        self.attributes.insert(attribute.to_owned(), value.into());
        self
    }
}

/// A service refused an operation.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub(crate) operation: String,
    pub(crate) source: ServiceError,
}

impl Refused {
    fn new(operation: &str, code: &str, message: String) -> Self {
        Self { operation: operation.to_owned(), source: ServiceError::new(code, message) }
    }

    fn exists(operation: &str, kind: &str, id: &str) -> Self {
        let message = format!("Resource of type '{kind}' with identifier '{id}' already exists.");
        Self::new(operation, "AlreadyExists", message)
    }

    /// The service says that what is meant is not there.
    pub(crate) fn is_missing(&self) -> bool {
        let code = self.source.code.as_str();
        ["NotFound", "NonExistentQueue", "DoesNotExist", "NoSuch"].iter().any(|part| code.contains(part))
    }
}

/// One resource of one stack.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) stack: &'a str,
    pub(crate) logical_id: &'a str,
    pub(crate) names: Names,
    /// A function whose code is not in the template.
    pub(crate) prepared: Option<&'a Result<FunctionSpec, ServiceError>>,
}

impl At<'_> {
    async fn call(&self, service: Service, operation: &str, input: Value) -> Result<Value, Refused> {
        ask(self.cloud, service, operation, input)
            .await
            .map_err(|source| Refused { operation: operation.to_owned(), source })
    }

    /// The same, for a resource that may be gone already.
    async fn remove(&self, service: Service, operation: &str, input: Value) -> Result<(), Refused> {
        match self.call(service, operation, input).await {
            Err(refused) if refused.is_missing() => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// The name in the template, or one that CloudFormation makes
    /// ([name type](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html)).
    fn name(&self, kind: &Kind, properties: &Value) -> String {
        if let Some(name) = kind.name.and_then(|name| properties::text(properties, name)) {
            return name;
        }
        let ending = if properties::flag(properties, "FifoQueue") { ".fifo" } else { "" };
        if self.names == Names::Fixed {
            return format!("{}-{}{ending}", self.stack, self.logical_id);
        }
        let random = crate::sts::unique_id(self.cloud, "");
        let random = random.get(..12).unwrap_or_default();
        let room = kind.longest.saturating_sub(random.len() + 2 + ending.len());
        let logical = truncated(self.logical_id, room.saturating_sub(1) / 2 + 1);
        let stack = truncated(self.stack, room.saturating_sub(logical.len()));
        let name = format!("{stack}-{logical}-{random}{ending}");
        if kind.lower_case { name.to_lowercase() } else { name }
    }
}

/// Boxed: services call each other in circles.
fn ask<'a>(cloud: &'a Cloud, service: Service, operation: &'a str, input: Value) -> BoxFuture<'a, Answer> {
    Box::pin(cloud.call(service, operation, input))
}

fn truncated(text: &str, most: usize) -> &str {
    let end = text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= most).last();
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}

/// Creates a resource of a type that [`kind`] knows.
pub(crate) async fn create(at: &At<'_>, kind: &Kind, properties: &Value) -> Result<Made, Refused> {
    check(kind, properties)?;
    match kind.of {
        "AWS::SQS::Queue" => queue::create(at, kind, properties).await,
        "AWS::SQS::QueuePolicy" => queue::put_policy(at, &at.name(kind, properties), &Value::Null, properties).await,
        "AWS::DynamoDB::Table" => table::create(at, kind, properties).await,
        "AWS::Lambda::Function" => function::create(at, kind, properties).await,
        "AWS::Lambda::EventSourceMapping" => mapping::create(at, properties).await,
        "AWS::Lambda::EventInvokeConfig" => mapping::put_invoke_config(at, properties).await,
        "AWS::Lambda::Permission" => mapping::permit(at, &at.name(kind, properties), properties).await,
        "AWS::Events::EventBus" => events::create_bus(at, kind, properties).await,
        "AWS::Events::Archive" => events::create_archive(at, kind, properties).await,
        "AWS::Events::Rule" => events::create_rule(at, kind, properties).await,
        "AWS::Logs::LogGroup" => logs::create_group(at, kind, properties).await,
        "AWS::Logs::SubscriptionFilter" => logs::subscribe(at, &at.name(kind, properties), properties).await,
        "AWS::StepFunctions::StateMachine" => state_machine::create(at, kind, properties).await,
        "AWS::IAM::Role" => iam::create_role(at, kind, properties).await,
        "AWS::IAM::Policy" => iam::put_policy(at, &at.name(kind, properties), &Value::Null, properties).await,
        "AWS::IAM::ManagedPolicy" => iam::create_managed(at, kind, properties).await,
        "AWS::S3::Bucket" => bucket::create(at, kind, properties).await,
        "AWS::S3::BucketPolicy" => bucket::put_policy(at, properties).await,
        _ => Ok(watch::create(at, kind, properties)),
    }
}

/// Refuses an update that cannot be made, before any of it is.
pub(crate) fn changeable(kind: &Kind, new: &Value) -> Result<(), Refused> {
    check(kind, new)
}

/// Updates a resource in place.
pub(crate) async fn update(at: &At<'_>, kind: &Kind, made: &Made, old: &Value, new: &Value) -> Result<Made, Refused> {
    match kind.of {
        "AWS::SQS::Queue" => queue::update(at, made, old, new).await,
        "AWS::SQS::QueuePolicy" => queue::put_policy(at, &made.id, old, new).await,
        "AWS::DynamoDB::Table" => table::update(at, made, old, new).await,
        "AWS::Lambda::Function" => function::update(at, made, old, new).await,
        "AWS::Lambda::EventSourceMapping" => mapping::update(at, made, old, new).await,
        "AWS::Lambda::EventInvokeConfig" => mapping::put_invoke_config(at, new).await,
        "AWS::Events::EventBus" => events::update_bus(at, made, old, new).await,
        "AWS::Events::Archive" => events::update_archive(at, made, new).await,
        "AWS::Events::Rule" => events::update_rule(at, made, old, new).await,
        "AWS::Logs::LogGroup" => logs::update_group(at, made, old, new).await,
        "AWS::Logs::SubscriptionFilter" => logs::subscribe(at, &made.id, new).await,
        "AWS::StepFunctions::StateMachine" => state_machine::update(at, made, old, new).await,
        "AWS::IAM::Role" => iam::update_role(at, made, old, new).await,
        "AWS::IAM::Policy" => iam::put_policy(at, &made.id, old, new).await,
        "AWS::IAM::ManagedPolicy" => iam::update_managed(at, made, old, new).await,
        "AWS::S3::Bucket" => bucket::update(at, made, old, new).await,
        "AWS::S3::BucketPolicy" => bucket::put_policy(at, new).await,
        _ => Ok(made.clone()),
    }
}

/// Deletes a resource. One that is gone already is no error.
pub(crate) async fn delete(at: &At<'_>, kind: &Kind, made: &Made, properties: &Value) -> Result<(), Refused> {
    let id = made.id.as_str();
    let text = |name: &str| properties::text(properties, name).unwrap_or_default();
    match kind.of {
        "AWS::SQS::Queue" => at.remove(Service::Sqs, "DeleteQueue", json!({ "QueueUrl": id })).await,
        "AWS::SQS::QueuePolicy" => queue::drop_policy(at, properties).await,
        "AWS::DynamoDB::Table" => at.remove(Service::DynamoDb, "DeleteTable", json!({ "TableName": id })).await,
        "AWS::Lambda::Function" => at.remove(Service::Lambda, "DeleteFunction", json!({ "FunctionName": id })).await,
        "AWS::Lambda::EventSourceMapping" => {
            at.remove(Service::Lambda, "DeleteEventSourceMapping", json!({ "UUID": id })).await
        }
        "AWS::Lambda::EventInvokeConfig" => {
            let input = json!({ "FunctionName": text("FunctionName") });
            at.remove(Service::Lambda, "DeleteFunctionEventInvokeConfig", input).await
        }
        "AWS::Lambda::Permission" => {
            let input = json!({ "FunctionName": text("FunctionName"), "StatementId": id });
            at.remove(Service::Lambda, "RemovePermission", input).await
        }
        "AWS::Events::EventBus" => at.remove(Service::EventBridge, "DeleteEventBus", json!({ "Name": id })).await,
        "AWS::Events::Archive" => at.remove(Service::EventBridge, "DeleteArchive", json!({ "ArchiveName": id })).await,
        "AWS::Events::Rule" => events::delete_rule(at, id, properties).await,
        "AWS::Logs::LogGroup" => at.remove(Service::Logs, "DeleteLogGroup", json!({ "logGroupName": id })).await,
        "AWS::Logs::SubscriptionFilter" => {
            let input = json!({ "logGroupName": text("LogGroupName"), "filterName": id });
            at.remove(Service::Logs, "DeleteSubscriptionFilter", input).await
        }
        "AWS::StepFunctions::StateMachine" => {
            at.remove(Service::StepFunctions, "DeleteStateMachine", json!({ "stateMachineArn": id })).await
        }
        "AWS::IAM::Role" => iam::delete_role(at, id).await,
        "AWS::IAM::Policy" => iam::drop_policy(at, id, properties).await,
        "AWS::IAM::ManagedPolicy" => iam::delete_managed(at, id, properties).await,
        "AWS::S3::Bucket" => at.remove(Service::S3, "DeleteBucket", json!({ "Bucket": id })).await,
        "AWS::S3::BucketPolicy" => bucket::drop_policy(at, id).await,
        _ => Ok(()),
    }
}

/// Refuses properties that the local cloud does not know, and those of them that are missing.
fn check(kind: &Kind, properties: &Value) -> Result<(), Refused> {
    let given = properties.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let unknown: Vec<&str> = given.filter(|name| !kind.knows(name)).collect();
    if !unknown.is_empty() {
        let message = format!("{}.{} is not supported by the local cloud", kind.of, unknown.join(", "));
        return Err(Refused::new("Create", "InvalidRequest", message));
    }
    let missing: Vec<String> = kind
        .required
        .iter()
        .filter(|name| properties.get(**name).is_none())
        .map(|name| format!("#: required key [{name}] not found"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("Model validation failed ({})", missing.join(", "));
    Err(Refused::new("Create", "InvalidRequest", message))
}
