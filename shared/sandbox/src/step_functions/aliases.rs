//! Aliases of state machines: names that lead to one or two versions.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-alias.html>

use serde_json::{Value, json};

use super::input::Input;
use super::machines::seconds;
use super::{State, arn, errors, paging};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

#[derive(Debug, Clone)]
pub(super) struct Alias {
    description: Option<String>,
    /// Version ARN and weight, in the order of the request.
    pub(super) routes: Vec<(String, u64)>,
    created: f64,
    updated: f64,
}

impl Alias {
    pub(super) fn leads_to(&self, version: &str) -> bool {
        self.routes.iter().any(|(arn, _)| arn == version)
    }

    /// The version that `draw`, out of 100, falls to.
    pub(super) fn version(&self, draw: u64) -> Option<&str> {
        let mut left = draw;
        for (arn, weight) in &self.routes {
            if left < *weight {
                return Some(arn);
            }
            left -= weight;
        }
        None
    }
}

/// [CreateStateMachineAlias](https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachineAlias.html)
pub(super) fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("name")?;
    check_name(name)?;
    let routes = routes(input)?;
    let description = input.optional_text("description").map(str::to_owned);
    let first = routes.first().map(|(arn, _)| arn.clone()).unwrap_or_default();
    let (base, _) = arn::machine(&first)?;
    let now = seconds(cloud.clock().now());
    let mut state = cloud.step_functions().state();
    state.check_routes(base, &routes)?;
    let machine = state.machine_mut(base)?;
    let arn = machine.qualified(name);
    if let Some(existing) = machine.aliases.get(name) {
        if existing.description == description && existing.routes == routes {
            return Ok(json!({"stateMachineAliasArn": arn, "creationDate": existing.created}));
        }
        let message = "Failed to create alias because an alias with the same name and a different routing configuration already exists.";
        return Err(errors::conflict(message));
    }
    machine.aliases.insert(name.to_owned(), Alias { description, routes, created: now, updated: now });
    Ok(json!({"stateMachineAliasArn": arn, "creationDate": now}))
}

/// [UpdateStateMachineAlias](https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachineAlias.html)
pub(super) fn update(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("stateMachineAliasArn")?;
    let routes = input.member("routingConfiguration").map(|_| routes(input)).transpose()?;
    let now = seconds(cloud.clock().now());
    let mut state = cloud.step_functions().state();
    if let Some(routes) = &routes {
        state.check_routes(arn::machine(arn)?.0, routes)?;
    }
    let alias = state.alias(arn)?;
    alias.routes = routes.unwrap_or_else(|| alias.routes.clone());
    if let Some(description) = input.optional_text("description") {
        alias.description = Some(description.to_owned());
    }
    alias.updated = now;
    Ok(json!({ "updateDate": now }))
}

/// [DescribeStateMachineAlias](https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachineAlias.html)
pub(super) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("stateMachineAliasArn")?;
    let mut state = cloud.step_functions().state();
    let alias = state.alias(arn)?;
    let routes = alias.routes.iter().map(|(arn, weight)| json!({"stateMachineVersionArn": arn, "weight": weight}));
    let mut answer = json!({
        "stateMachineAliasArn": arn,
        "name": arn.rsplit(':').next().unwrap_or_default(),
        "routingConfiguration": routes.collect::<Vec<_>>(),
        "creationDate": alias.created,
        "updateDate": alias.updated,
    });
    if let (Some(description), Some(answer)) = (&alias.description, answer.as_object_mut()) {
        answer.insert("description".into(), description.clone().into());
    }
    Ok(answer)
}

/// [ListStateMachineAliases](https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachineAliases.html):
/// of a machine, or of one of its versions.
pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let given = input.text("stateMachineArn")?;
    let (base, qualifier) = arn::machine(given)?;
    let state = cloud.step_functions().state();
    let machine = state.machine(base)?;
    let wanted = machine.aliases.iter().filter(|(_, alias)| qualifier.is_none() || alias.leads_to(given));
    let aliases = wanted
        .map(|(name, alias)| json!({"stateMachineAliasArn": machine.qualified(name), "creationDate": alias.created}));
    paging::page(input, "stateMachineAliases", aliases.collect())
}

/// [DeleteStateMachineAlias](https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachineAlias.html):
/// no error when there is none.
pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let (base, qualifier) = arn::machine(input.text("stateMachineAliasArn")?)?;
    let mut state = cloud.step_functions().state();
    if let (Some(machine), Some(name)) = (state.machines.get_mut(base), qualifier) {
        machine.aliases.remove(name);
    }
    Ok(json!({}))
}

impl State {
    fn alias(&mut self, arn: &str) -> Result<&mut Alias, ServiceError> {
        let (base, qualifier) = arn::machine(arn)?;
        let machine = self.machines.get_mut(base);
        let alias = machine.zip(qualifier).and_then(|(machine, name)| machine.aliases.get_mut(name));
        let message = "Request references a resource that does not exist.";
        alias.ok_or_else(|| ServiceError::new("ResourceNotFound", message))
    }

    /// The versions that an alias of the machine `base` leads to are there, and are that machine's.
    fn check_routes(&self, base: &str, routes: &[(String, u64)]) -> Result<(), ServiceError> {
        for (arn, _) in routes {
            let (machine, number) = arn::machine(arn)?;
            let number = number.and_then(|number| number.parse::<u64>().ok());
            let known = machine == base
                && self.machines.get(base).zip(number).is_some_and(|(m, number)| m.versions.contains_key(&number));
            if !known {
                return Err(errors::no_machine(arn));
            }
        }
        Ok(())
    }
}

const PATTERN: &str = "^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$";

fn check_name(name: &str) -> Result<(), ServiceError> {
    if name.chars().count() > 80 {
        return Err(errors::constraint("name", name, "Member must have length less than or equal to 80"));
    }
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.chars().all(known) && name.contains(|c: char| !c.is_ascii_digit()) {
        return Ok(());
    }
    Err(errors::constraint("name", name, &format!("Member must satisfy regular expression pattern: {PATTERN}")))
}

fn routes(input: Input<'_>) -> Result<Vec<(String, u64)>, ServiceError> {
    let list = input.list("routingConfiguration");
    let refused = |message: String| ServiceError::new("ValidationException", message);
    let routes: Vec<(String, u64)> = list.iter().map(route).collect();
    if routes.len() > 2 {
        let shown = routes.iter().map(|(arn, weight)| {
            format!("RoutingConfigurationListItem(stateMachineVersionArn={arn}, weight={weight})")
        });
        let shown = format!("[{}]", shown.collect::<Vec<_>>().join(", "));
        return Err(errors::constraint(
            "routingConfiguration",
            &shown,
            "Member must have length less than or equal to 2",
        ));
    }
    for (index, (_, weight)) in routes.iter().enumerate() {
        if *weight > 100 {
            let member = format!("routingConfiguration.{}.member.weight", index + 1);
            let most = "Member must have value less than or equal to 100";
            return Err(errors::constraint(&member, &weight.to_string(), most));
        }
    }
    let arns = routes.iter().map(|(arn, _)| arn.as_str()).collect::<Vec<_>>();
    let received = format!("Received: [{}]", arns.join(", "));
    let is_version = |arn: &str| {
        arn::machine(arn).is_ok_and(|(_, number)| number.is_some_and(|number| number.parse::<u64>().is_ok()))
    };
    if routes.is_empty() || !arns.iter().all(|arn| is_version(arn)) {
        return Err(refused(format!("Routing configuration must contain state machine version ARNs. {received}")));
    }
    if let [first, second] = arns.as_slice()
        && first == second
    {
        let what = "Routing configuration must contain distinct state machine version ARNs.";
        return Err(refused(format!("{what} {received}")));
    }
    let weights = routes.iter().map(|(_, weight)| *weight);
    if weights.clone().sum::<u64>() != 100 {
        let weights = weights.map(|weight| weight.to_string()).collect::<Vec<_>>().join(", ");
        return Err(refused(format!("Sum of routing configuration weights must equal 100. Received: [{weights}]")));
    }
    Ok(routes)
}

fn route(item: &Value) -> (String, u64) {
    let arn = item.get("stateMachineVersionArn").and_then(Value::as_str).unwrap_or_default().to_owned();
    (arn, item.get("weight").and_then(Value::as_u64).unwrap_or(0))
}
