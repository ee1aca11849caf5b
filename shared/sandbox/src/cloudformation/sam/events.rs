//! `Events` of functions and state machines
//! ([AWS](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html)).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Made, Source, destinations, get_att, role};

/// One event.
struct Event<'a> {
    source: &'a Source<'a>,
    /// Of what is made of it.
    id: String,
    kind: &'a str,
    properties: &'a Map<String, Value>,
}

/// Settings of mappings that keep their name.
const MAPPING: [&str; 15] = [
    "BatchSize",
    "BisectBatchOnFunctionError",
    "Enabled",
    "FilterCriteria",
    "FunctionResponseTypes",
    "KmsKeyArn",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ParallelizationFactor",
    "ScalingConfig",
    "StartingPosition",
    "StartingPositionTimestamp",
    "TumblingWindowInSeconds",
];

/// The events in the order of their names, which is the order in which SAM takes them.
fn read<'a>(source: &'a Source<'a>) -> Result<Vec<Event<'a>>, String> {
    let events = source.get("Events").and_then(Value::as_object).into_iter().flatten();
    let sorted: BTreeMap<&String, &Value> = events.collect();
    let event = |(name, event): (&'a String, &'a Value)| {
        let invalid = || format!("Event with id [{name}] is invalid.");
        let kind = event.get("Type").and_then(Value::as_str);
        let properties = event.get("Properties").and_then(Value::as_object);
        let (Some(kind), Some(properties)) = (kind, properties) else {
            return Err(source.error(format!("{} It must have a Type and Properties.", invalid())));
        };
        Ok(Event { source, id: format!("{}{name}", source.logical_id), kind, properties })
    };
    sorted.into_iter().map(event).collect()
}

pub(super) fn of_function(source: &Source<'_>, made: &mut Made, extras: &mut role::Extras) -> Result<(), String> {
    for event in read(source)? {
        match event.kind {
            "SQS" => event.mapping("Queue", "AWSLambdaSQSQueueExecutionRole", made, extras)?,
            "DynamoDB" => event.mapping("Stream", "AWSLambdaDynamoDBExecutionRole", made, extras)?,
            "Schedule" | "EventBridgeRule" | "CloudWatchEvent" => event.rule_of_function(made)?,
            "CloudWatchLogs" => event.subscription(made)?,
            _ => return Err(event.unsupported()),
        }
    }
    Ok(())
}

pub(super) fn of_state_machine(source: &Source<'_>, made: &mut Made) -> Result<(), String> {
    for event in read(source)? {
        match event.kind {
            "Schedule" | "EventBridgeRule" | "CloudWatchEvent" => event.rule_of_state_machine(made)?,
            _ => return Err(event.unsupported()),
        }
    }
    Ok(())
}

impl Event<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.properties.get(name)
    }

    fn require(&self, name: &str) -> Result<Value, String> {
        self.get(name).cloned().ok_or_else(|| {
            self.source.error(format!("Event with id [{}] is invalid. Missing required property '{name}'.", self.id))
        })
    }

    fn unsupported(&self) -> String {
        self.source.error(format!("an event of the type {} is not supported by the local cloud", self.kind))
    }

    fn check(&self, known: &[&str]) -> Result<(), String> {
        match self.properties.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(self.source.error(format!(
                "Event with id [{}] is invalid. property {name} is not supported by the local cloud for events of the type {}",
                self.id, self.kind
            ))),
            None => Ok(()),
        }
    }

    /// The properties with these names.
    fn picked(&self, names: &[&str]) -> Map<String, Value> {
        names.iter().filter_map(|name| Some(((*name).to_owned(), self.get(name)?.clone()))).collect()
    }

    fn mapping(&self, from: &str, managed: &str, made: &mut Made, extras: &mut role::Extras) -> Result<(), String> {
        self.check(&[MAPPING.as_slice(), &[from, "DestinationConfig"]].concat())?;
        let mut properties = self.picked(&MAPPING);
        properties.insert("EventSourceArn".into(), self.require(from)?);
        properties.insert("FunctionName".into(), json!({ "Ref": self.source.logical_id }));
        if let Some(failure) = self.get("DestinationConfig").and_then(|config| config.get("OnFailure")) {
            let destination = failure.get("Destination").cloned().unwrap_or(Value::Null);
            if let Some(kind) = failure.get("Type").and_then(Value::as_str) {
                extras.last.extend(destinations::policy(&self.id, kind, &destination));
            }
            properties.insert("DestinationConfig".into(), json!({ "OnFailure": { "Destination": destination } }));
        }
        extras.managed.push(format!("arn:aws:iam::aws:policy/service-role/{managed}").into());
        made.insert(self.id.clone(), self.source.companion("AWS::Lambda::EventSourceMapping", properties.into()));
        Ok(())
    }

    /// A rule without its targets.
    fn rule(&self) -> Result<Map<String, Value>, String> {
        let common = ["DeadLetterConfig", "Input", "RetryPolicy", "RoleArn", "State"];
        let mut properties = Map::new();
        if self.kind == "Schedule" {
            self.check(&[common.as_slice(), &["Description", "Enabled", "Name", "Schedule"]].concat())?;
            properties.insert("ScheduleExpression".into(), self.require("Schedule")?);
            properties.extend(self.picked(&["Description", "Name"]));
            if let Some(enabled) = self.get("Enabled").and_then(Value::as_bool) {
                properties.insert("State".into(), if enabled { "ENABLED" } else { "DISABLED" }.into());
            }
        } else {
            let own = ["EventBusName", "InputPath", "InputTransformer", "Pattern", "RuleName", "Target"];
            self.check(&[common.as_slice(), &own].concat())?;
            properties.insert("EventPattern".into(), self.require("Pattern")?);
            properties.extend(self.picked(&["EventBusName"]));
            if let Some(name) = self.get("RuleName") {
                properties.insert("Name".into(), name.clone());
            }
        }
        properties.extend(self.picked(&["State"]));
        Ok(properties)
    }

    /// The target, with its queue for what cannot be delivered.
    fn target(&self, arn: Value, suffix: &str, made: &mut Made) -> Map<String, Value> {
        let id = self.get("Target").and_then(|target| target.get("Id")).cloned();
        let mut target = Map::from_iter([
            ("Arn".to_owned(), arn),
            ("Id".to_owned(), id.unwrap_or_else(|| format!("{}{suffix}", self.id).into())),
        ]);
        target.extend(self.picked(&["Input", "InputPath", "InputTransformer", "RetryPolicy"]));
        if let Some(config) = self.get("DeadLetterConfig") {
            let arn = config.get("Arn").cloned().unwrap_or_else(|| self.dead_letter_queue(config, made));
            target.insert("DeadLetterConfig".into(), json!({ "Arn": arn }));
        }
        target
    }

    fn dead_letter_queue(&self, config: &Value, made: &mut Made) -> Value {
        let named = config.get("QueueLogicalId").and_then(Value::as_str).map(str::to_owned);
        let queue = named.unwrap_or_else(|| format!("{}Queue", self.id));
        let arn = get_att(&queue, "Arn");
        let statement = json!({
            "Action": "sqs:SendMessage",
            "Effect": "Allow",
            "Principal": { "Service": "events.amazonaws.com" },
            "Resource": arn,
            "Condition": { "ArnEquals": { "aws:SourceArn": get_att(&self.id, "Arn") } },
        });
        let policy = json!({
            "PolicyDocument": { "Version": "2012-10-17", "Statement": [statement] },
            "Queues": [{ "Ref": queue }],
        });
        made.insert(queue, self.source.companion("AWS::SQS::Queue", json!({})));
        made.insert(format!("{}QueuePolicy", self.id), self.source.companion("AWS::SQS::QueuePolicy", policy));
        arn
    }

    fn permission(&self, service: &str, source_arn: &Value, made: &mut Made) {
        let properties = json!({
            "Action": "lambda:InvokeFunction",
            "FunctionName": { "Ref": self.source.logical_id },
            "Principal": service,
            "SourceArn": source_arn,
        });
        made.insert(format!("{}Permission", self.id), self.source.companion("AWS::Lambda::Permission", properties));
    }

    fn rule_of_function(&self, made: &mut Made) -> Result<(), String> {
        let mut properties = self.rule()?;
        let target = self.target(get_att(self.source.logical_id, "Arn"), "LambdaTarget", made);
        properties.insert("Targets".into(), json!([target]));
        made.insert(self.id.clone(), self.source.companion("AWS::Events::Rule", properties.into()));
        self.permission("events.amazonaws.com", &get_att(&self.id, "Arn"), made);
        Ok(())
    }

    fn rule_of_state_machine(&self, made: &mut Made) -> Result<(), String> {
        let mut properties = self.rule()?;
        let machine = json!({ "Ref": self.source.logical_id });
        let mut target = self.target(machine.clone(), "StepFunctionsTarget", made);
        let role_id = format!("{}Role", self.id);
        let role = self.get("RoleArn").cloned().unwrap_or_else(|| get_att(&role_id, "Arn"));
        target.insert("RoleArn".into(), role);
        properties.insert("Targets".into(), json!([target]));
        made.insert(self.id.clone(), self.source.companion("AWS::Events::Rule", properties.into()));
        if self.get("RoleArn").is_none() {
            let statement = json!({ "Action": "states:StartExecution", "Effect": "Allow", "Resource": machine });
            let policy = role::policy(&format!("{role_id}StartExecutionPolicy"), &json!({ "Statement": [statement] }));
            let mut properties = json!({
                "AssumeRolePolicyDocument": role::trust("events.amazonaws.com"), "Policies": [policy],
            });
            if let Some(boundary) = self.source.get("PermissionsBoundary") {
                crate::wire::set_member(&mut properties, "PermissionsBoundary", boundary.clone());
            }
            made.insert(role_id, self.source.companion("AWS::IAM::Role", properties));
        }
        Ok(())
    }

    fn subscription(&self, made: &mut Made) -> Result<(), String> {
        self.check(&["FilterPattern", "LogGroupName"])?;
        let group = self.require("LogGroupName")?;
        let properties = json!({
            "LogGroupName": group,
            "FilterPattern": self.require("FilterPattern")?,
            "DestinationArn": get_att(self.source.logical_id, "Arn"),
        });
        let text = "arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:${__LogGroupName__}:*";
        self.permission("logs.amazonaws.com", &json!({ "Fn::Sub": [text, { "__LogGroupName__": group }] }), made);
        let mut filter = self.source.companion("AWS::Logs::SubscriptionFilter", properties);
        crate::wire::set_member(&mut filter, "DependsOn", json!([format!("{}Permission", self.id)]));
        made.insert(self.id.clone(), filter);
        Ok(())
    }
}
