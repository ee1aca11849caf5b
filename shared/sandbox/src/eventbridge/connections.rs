//! Connections: how API destinations prove who they are. They are kept and shown. Nothing is called with them: targets that are
//! API destinations are refused, and an OAuth connection, which AWS would authorize by a call, stays `AUTHORIZING`.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection.html>

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::errors::{self, Violations};
use super::input::{Input, object, seconds, with};
use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

const KINDS: [&str; 3] = ["BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"];
pub(super) const AUTHORIZED: &str = "AUTHORIZED";

pub(super) struct Connection {
    name: String,
    pub(super) arn: String,
    secret: String,
    description: Option<String>,
    kind: String,
    /// What is shown of them: no secrets.
    parameters: Value,
    pub(super) state: &'static str,
    created: Timestamp,
    modified: Timestamp,
    authorized: Timestamp,
}

impl Connection {
    fn shown(&self) -> Value {
        object([
            ("ConnectionArn", Some(self.arn.clone().into())),
            ("Name", Some(self.name.clone().into())),
            ("ConnectionState", Some(self.state.into())),
            ("AuthorizationType", Some(self.kind.clone().into())),
            ("CreationTime", Some(seconds(self.created))),
            ("LastModifiedTime", Some(seconds(self.modified))),
            ("LastAuthorizedTime", Some(seconds(self.authorized))),
        ])
    }

    fn answer(&self, state: &str) -> Value {
        json!({
            "ConnectionArn": self.arn,
            "ConnectionState": state,
            "CreationTime": seconds(self.created),
            "LastModifiedTime": seconds(self.modified),
            "LastAuthorizedTime": seconds(self.authorized),
        })
    }
}

fn state_of(kind: &str) -> &'static str {
    if kind == "OAUTH_CLIENT_CREDENTIALS" { "AUTHORIZING" } else { AUTHORIZED }
}

fn check_kind(input: Input<'_>, violations: &mut Violations) {
    if let Some(kind) = input.optional("AuthorizationType").filter(|kind| !KINDS.contains(kind)) {
        violations.one_of(kind, "authorizationType", &KINDS);
    }
}

fn refuse_unsupported(input: Input<'_>, operation: &str) -> Result<(), ServiceError> {
    let unsupported = ["InvocationConnectivityParameters", "KmsKeyIdentifier"];
    match unsupported.into_iter().find(|member| input.0.get(*member).is_some()) {
        Some(member) => Err(ServiceError::unsupported(Service::EventBridge, &format!("{operation} with {member}"))),
        None => Ok(()),
    }
}

pub(super) fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    refuse_unsupported(input, "CreateConnection")?;
    let mut violations = Violations::default();
    violations.require(input, &["Name", "AuthorizationType", "AuthParameters"]);
    violations.name(input, "Name", 64);
    check_kind(input, &mut violations);
    violations.check()?;
    let (name, kind) = (input.text("Name")?, input.text("AuthorizationType")?);
    let parameters = read_parameters(input, kind)?;
    let now = cloud.clock().now();
    let secret = format!("secret:events!connection/{name}/{}-{}", cloud.uuid(), suffix(cloud));
    let connection = Connection {
        name: name.to_owned(),
        arn: cloud.arn("events", &format!("connection/{name}/{}", cloud.uuid())),
        secret: cloud.arn("secretsmanager", &secret),
        description: input.at_most("Description", 512)?.map(str::to_owned),
        kind: kind.to_owned(),
        parameters,
        state: state_of(kind),
        created: now,
        modified: now,
        authorized: now,
    };
    let mut state = cloud.eventbridge().state(cloud);
    if state.connections.contains_key(name) {
        return Err(errors::exists(format!("Connection {name} already exists.")));
    }
    let answer = json!({
        "ConnectionArn": connection.arn,
        "ConnectionState": connection.state,
        "CreationTime": seconds(now),
        "LastModifiedTime": seconds(now),
    });
    state.connections.insert(name.to_owned(), connection);
    Ok(answer)
}

/// Six characters, as Secrets Manager ends a secret's ARN.
fn suffix(cloud: &Cloud) -> String {
    cloud.uuid().simple().to_string().chars().take(6).collect()
}

/// What of the request's `AuthParameters` is shown later. The member that the kind needs has to be there.
fn read_parameters(input: Input<'_>, kind: &str) -> Result<Value, ServiceError> {
    let given = input.part("AuthParameters").ok_or_else(|| errors::missing("authParameters"))?;
    let member = match kind {
        "BASIC" => "BasicAuthParameters",
        "API_KEY" => "ApiKeyAuthParameters",
        _ => "OAuthParameters",
    };
    let own = given.part(member).ok_or_else(|| {
        errors::validation(format!(
            "Parameter AuthParameters is not valid. Reason: {member} must be specified for {kind}."
        ))
    })?;
    let shown = match kind {
        "BASIC" => keep(own, &["Username"]),
        "API_KEY" => keep(own, &["ApiKeyName"]),
        _ => {
            let client = own.part("ClientParameters").map(|client| keep(client, &["ClientID"]));
            let shown = keep(own, &["AuthorizationEndpoint", "HttpMethod"]);
            with(
                shown,
                [("ClientParameters", client), ("OAuthHttpParameters", http_parameters(own, "OAuthHttpParameters"))],
            )
        }
    };
    let invocation = http_parameters(given, "InvocationHttpParameters");
    Ok(object([(member, Some(shown)), ("InvocationHttpParameters", invocation)]))
}

fn keep(from: Input<'_>, members: &[&str]) -> Value {
    let kept = members.iter().filter_map(|member| Some(((*member).to_owned(), from.0.get(*member)?.clone())));
    Value::Object(kept.collect::<Map<_, _>>())
}

/// Headers, query and body of calls, without the values that are secret.
fn http_parameters(from: Input<'_>, member: &str) -> Option<Value> {
    let given = from.part(member)?;
    let mut shown = Map::new();
    for list in ["HeaderParameters", "QueryStringParameters", "BodyParameters"] {
        if given.0.get(list).is_none() {
            continue;
        }
        let entries = given.list(list).map(|entry| {
            let secret = entry.flag("IsValueSecret");
            let value = entry.0.get("Value").filter(|_| !secret).cloned();
            object([("Key", entry.0.get("Key").cloned()), ("Value", value), ("IsValueSecret", Some(secret.into()))])
        });
        shown.insert(list.to_owned(), entries.collect());
    }
    Some(shown.into())
}

fn find<'a>(
    connections: &'a mut BTreeMap<String, Connection>,
    input: Input<'_>,
    verb: &str,
) -> Result<&'a mut Connection, ServiceError> {
    let name = input.name("Name", 64)?;
    connections.get_mut(name).ok_or_else(|| {
        errors::not_found(format!("Failed to {verb} the connection(s). Connection '{name}' does not exist."))
    })
}

pub(super) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.eventbridge().state(cloud);
    let connection = find(&mut state.connections, input, "describe")?;
    let more = [
        ("AuthParameters", Some(connection.parameters.clone())),
        ("SecretArn", Some(connection.secret.clone().into())),
        ("Description", connection.description.clone().map(Value::from)),
    ];
    Ok(with(connection.shown(), more))
}

pub(super) fn update(cloud: &Cloud, input: Input<'_>) -> Answer {
    refuse_unsupported(input, "UpdateConnection")?;
    let mut violations = Violations::default();
    violations.name(input, "Name", 64);
    check_kind(input, &mut violations);
    violations.check()?;
    let now = cloud.clock().now();
    let mut state = cloud.eventbridge().state(cloud);
    let connection = find(&mut state.connections, input, "update")?;
    let kind = input.optional("AuthorizationType").unwrap_or(&connection.kind).to_owned();
    if input.part("AuthParameters").is_some() || kind != connection.kind {
        connection.parameters = read_parameters(input, &kind)?;
        connection.authorized = now;
        connection.state = state_of(&kind);
    }
    if let Some(description) = input.at_most("Description", 512)? {
        connection.description = Some(description.to_owned());
    }
    connection.kind = kind;
    connection.modified = now;
    Ok(connection.answer(connection.state))
}

/// AWS takes a moment and says `DELETING`; here it is gone at once.
pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.eventbridge().state(cloud);
    let connection = find(&mut state.connections, input, "delete")?;
    let (name, answer) = (connection.name.clone(), connection.answer("DELETING"));
    state.connections.remove(&name);
    Ok(answer)
}

pub(super) fn deauthorize(cloud: &Cloud, input: Input<'_>) -> Answer {
    let now = cloud.clock().now();
    let mut state = cloud.eventbridge().state(cloud);
    let connection = find(&mut state.connections, input, "deauthorize")?;
    connection.state = "DEAUTHORIZED";
    connection.modified = now;
    Ok(connection.answer("DEAUTHORIZING"))
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let prefix = input.optional("NamePrefix").unwrap_or_default();
    let wanted = input.optional("ConnectionState");
    let state = cloud.eventbridge().state(cloud);
    let connections = state.connections.values().filter(|connection| {
        connection.name.starts_with(prefix) && wanted.is_none_or(|wanted| wanted == connection.state)
    });
    input.page("Connections", connections.map(|connection| (connection.name.clone(), connection.shown())).collect())
}
