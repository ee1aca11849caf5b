//! API destinations: kept and shown. A target that is one is refused, since nothing here calls out over HTTPS.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html>

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::connections::{self, Connection};
use super::errors::{self, Violations};
use super::input::{Input, object, seconds, with};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

const METHODS: [&str; 7] = ["HEAD", "POST", "PATCH", "DELETE", "PUT", "GET", "OPTIONS"];
/// Invocations per second, unless the request says.
const RATE: i64 = 300;
const CONNECTION: &str =
    r"^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$";

pub(super) struct ApiDestination {
    name: String,
    arn: String,
    connection: String,
    endpoint: String,
    method: String,
    rate: i64,
    description: Option<String>,
    created: Timestamp,
    modified: Timestamp,
}

impl ApiDestination {
    fn shown(&self, connections: &BTreeMap<String, Connection>) -> Value {
        object([
            ("ApiDestinationArn", Some(self.arn.clone().into())),
            ("Name", Some(self.name.clone().into())),
            ("ApiDestinationState", Some(self.state(connections).into())),
            ("ConnectionArn", Some(self.connection.clone().into())),
            ("InvocationEndpoint", Some(self.endpoint.clone().into())),
            ("HttpMethod", Some(self.method.clone().into())),
            ("InvocationRateLimitPerSecond", Some(self.rate.into())),
            ("CreationTime", Some(seconds(self.created))),
            ("LastModifiedTime", Some(seconds(self.modified))),
        ])
    }

    /// Active while its connection is authorized.
    fn state(&self, connections: &BTreeMap<String, Connection>) -> &'static str {
        let connection = connections.values().find(|connection| connection.arn == self.connection);
        if connection.is_some_and(|connection| connection.state == connections::AUTHORIZED) {
            "ACTIVE"
        } else {
            "INACTIVE"
        }
    }

    fn answer(&self, connections: &BTreeMap<String, Connection>) -> Value {
        json!({
            "ApiDestinationArn": self.arn,
            "ApiDestinationState": self.state(connections),
            "CreationTime": seconds(self.created),
            "LastModifiedTime": seconds(self.modified),
        })
    }
}

fn check(input: Input<'_>) -> Result<(), ServiceError> {
    let mut violations = Violations::default();
    violations.name(input, "Name", 64);
    if let Some(arn) = input.optional("ConnectionArn").filter(|arn| !is_connection(arn)) {
        violations.pattern(arn, "connectionArn", CONNECTION);
    }
    if let Some(method) = input.optional("HttpMethod").filter(|method| !METHODS.contains(method)) {
        violations.one_of(method, "httpMethod", &METHODS);
    }
    if input.integer("InvocationRateLimitPerSecond").is_some_and(|rate| rate < 1) {
        let rate = input.integer("InvocationRateLimitPerSecond").unwrap_or_default().to_string();
        violations.add(&rate, "invocationRateLimitPerSecond", "Member must have value greater than or equal to 1");
    }
    violations.check()
}

fn is_connection(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "events", _, _, resource] = parts.as_slice() else { return false };
    resource.strip_prefix("connection/").and_then(|path| path.split_once('/')).is_some_and(|(name, id)| {
        !name.is_empty() && !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

fn check_connection(connections: &BTreeMap<String, Connection>, arn: &str) -> Result<(), ServiceError> {
    let known = connections.values().any(|connection| connection.arn == arn);
    if known { Ok(()) } else { Err(errors::not_found(format!("Connection '{arn}' does not exist."))) }
}

pub(super) fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut violations = Violations::default();
    violations.require(input, &["Name", "ConnectionArn", "InvocationEndpoint", "HttpMethod"]);
    violations.check()?;
    check(input)?;
    let (name, connection) = (input.text("Name")?, input.text("ConnectionArn")?);
    let now = cloud.clock().now();
    let mut state = cloud.eventbridge().state(cloud);
    let state = &mut *state;
    check_connection(&state.connections, connection)?;
    if state.api_destinations.contains_key(name) {
        return Err(errors::exists(format!("An api-destination '{name}' already exists.")));
    }
    let destination = ApiDestination {
        name: name.to_owned(),
        arn: cloud.arn("events", &format!("api-destination/{name}/{}", cloud.uuid())),
        connection: connection.to_owned(),
        endpoint: input.text("InvocationEndpoint")?.to_owned(),
        method: input.text("HttpMethod")?.to_owned(),
        rate: input.integer("InvocationRateLimitPerSecond").unwrap_or(RATE),
        description: input.at_most("Description", 512)?.map(str::to_owned),
        created: now,
        modified: now,
    };
    let answer = destination.answer(&state.connections);
    state.api_destinations.insert(name.to_owned(), destination);
    Ok(answer)
}

fn find<'a>(
    destinations: &'a mut BTreeMap<String, ApiDestination>,
    input: Input<'_>,
    verb: &str,
) -> Result<&'a mut ApiDestination, ServiceError> {
    let name = input.name("Name", 64)?;
    destinations.get_mut(name).ok_or_else(|| {
        errors::not_found(format!(
            "Failed to {verb} the api-destination(s). An api-destination '{name}' does not exist."
        ))
    })
}

pub(super) fn update(cloud: &Cloud, input: Input<'_>) -> Answer {
    check(input)?;
    let now = cloud.clock().now();
    let mut state = cloud.eventbridge().state(cloud);
    let state = &mut *state;
    if let Some(arn) = input.optional("ConnectionArn") {
        check_connection(&state.connections, arn)?;
    }
    let destination = find(&mut state.api_destinations, input, "update")?;
    let text = |member: &str, kept: &mut String| {
        if let Some(text) = input.optional(member) {
            text.clone_into(kept);
        }
    };
    text("ConnectionArn", &mut destination.connection);
    text("InvocationEndpoint", &mut destination.endpoint);
    text("HttpMethod", &mut destination.method);
    if let Some(rate) = input.integer("InvocationRateLimitPerSecond") {
        destination.rate = rate;
    }
    if let Some(description) = input.at_most("Description", 512)? {
        destination.description = Some(description.to_owned());
    }
    destination.modified = now;
    Ok(destination.answer(&state.connections))
}

pub(super) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.eventbridge().state(cloud);
    let state = &mut *state;
    let destination = find(&mut state.api_destinations, input, "describe")?;
    let description = destination.description.clone().map(Value::from);
    Ok(with(destination.shown(&state.connections), [("Description", description)]))
}

pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.eventbridge().state(cloud);
    let name = find(&mut state.api_destinations, input, "delete")?.name.clone();
    state.api_destinations.remove(&name);
    Ok(json!({}))
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let prefix = input.optional("NamePrefix").unwrap_or_default();
    let connection = input.optional("ConnectionArn");
    let state = cloud.eventbridge().state(cloud);
    let destinations = state.api_destinations.values().filter(|destination| {
        destination.name.starts_with(prefix) && connection.is_none_or(|arn| arn == destination.connection)
    });
    let shown = destinations.map(|destination| (destination.name.clone(), destination.shown(&state.connections)));
    input.page("ApiDestinations", shown.collect())
}
