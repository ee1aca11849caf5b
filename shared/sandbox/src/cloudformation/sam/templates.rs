//! SAM's policy templates
//! ([list](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html)).

use serde_json::{Map, Value, json};

/// A template: its name, and statements of actions on resources. `=` marks an action that stands alone, without a list.
type Template = (&'static str, &'static [(&'static [&'static str], &'static [&'static str])]);

macro_rules! arn {
    ($service:literal, $resource:literal) => {
        concat!("arn:${AWS::Partition}:", $service, ":${AWS::Region}:${AWS::AccountId}:", $resource)
    };
}

const TABLE: &[&str] = &[arn!("dynamodb", "table/${tableName}"), arn!("dynamodb", "table/${tableName}/index/*")];
const QUEUE: &[&str] = &[arn!("sqs", "${queueName}")];
const MACHINE: &[&str] = &[arn!("states", "stateMachine:${stateMachineName}")];
const BUCKET: &[&str] = &["arn:${AWS::Partition}:s3:::${bucketName}", "arn:${AWS::Partition}:s3:::${bucketName}/*"];

const TEMPLATES: &[Template] = &[
    (
        "CloudFormationDescribeStacksPolicy",
        &[(&["cloudformation:DescribeStacks"], &[arn!("cloudformation", "stack/*")])],
    ),
    ("CloudWatchPutMetricPolicy", &[(&["cloudwatch:PutMetricData"], &["*"])]),
    (
        "DynamoDBCrudPolicy",
        &[(
            &[
                "dynamodb:GetItem",
                "dynamodb:DeleteItem",
                "dynamodb:PutItem",
                "dynamodb:Scan",
                "dynamodb:Query",
                "dynamodb:UpdateItem",
                "dynamodb:BatchWriteItem",
                "dynamodb:BatchGetItem",
                "dynamodb:DescribeTable",
                "dynamodb:ConditionCheckItem",
            ],
            TABLE,
        )],
    ),
    (
        "DynamoDBReadPolicy",
        &[(
            &["dynamodb:GetItem", "dynamodb:Scan", "dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:DescribeTable"],
            TABLE,
        )],
    ),
    ("DynamoDBReconfigurePolicy", &[(&["dynamodb:UpdateTable"], &[arn!("dynamodb", "table/${tableName}")])]),
    (
        "DynamoDBStreamReadPolicy",
        &[
            (
                &["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
                &[arn!("dynamodb", "table/${tableName}/stream/${streamName}")],
            ),
            (&["dynamodb:ListStreams"], &[arn!("dynamodb", "table/${tableName}/stream/*")]),
        ],
    ),
    ("DynamoDBWritePolicy", &[(&["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"], TABLE)]),
    ("EventBridgePutEventsPolicy", &[(&["=events:PutEvents"], &[arn!("events", "event-bus/${eventBusName}")])]),
    (
        "FilterLogEventsPolicy",
        &[(&["logs:FilterLogEvents"], &[arn!("logs", "log-group:${logGroupName}:log-stream:*")])],
    ),
    ("KMSDecryptPolicy", &[(&["=kms:Decrypt"], &[arn!("kms", "key/${keyId}")])]),
    ("LambdaInvokePolicy", &[(&["lambda:InvokeFunction"], &[arn!("lambda", "function:${functionName}*")])]),
    (
        "S3CrudPolicy",
        &[(
            &[
                "s3:GetObject",
                "s3:ListBucket",
                "s3:GetBucketLocation",
                "s3:GetObjectVersion",
                "s3:PutObject",
                "s3:PutObjectAcl",
                "s3:GetLifecycleConfiguration",
                "s3:PutLifecycleConfiguration",
                "s3:DeleteObject",
            ],
            BUCKET,
        )],
    ),
    (
        "S3ReadPolicy",
        &[(
            &[
                "s3:GetObject",
                "s3:ListBucket",
                "s3:GetBucketLocation",
                "s3:GetObjectVersion",
                "s3:GetLifecycleConfiguration",
            ],
            BUCKET,
        )],
    ),
    ("S3WritePolicy", &[(&["s3:PutObject", "s3:PutObjectAcl", "s3:PutLifecycleConfiguration"], BUCKET)]),
    ("SNSPublishMessagePolicy", &[(&["sns:Publish"], &[arn!("sns", "${topicName}")])]),
    (
        "SQSPollerPolicy",
        &[(
            &[
                "sqs:ChangeMessageVisibility",
                "sqs:ChangeMessageVisibilityBatch",
                "sqs:DeleteMessage",
                "sqs:DeleteMessageBatch",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
            ],
            QUEUE,
        )],
    ),
    ("SQSSendMessagePolicy", &[(&["sqs:SendMessage*"], QUEUE)]),
    (
        "StepFunctionsCallbackPolicy",
        &[(&["states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"], MACHINE)],
    ),
    ("StepFunctionsExecutionPolicy", &[(&["states:StartExecution"], MACHINE)]),
];

/// The document that a template makes with `values`.
pub(super) fn document(name: &str, values: &Value) -> Result<Value, String> {
    let Some((_, statements)) = TEMPLATES.iter().find(|(known, _)| *known == name) else {
        return Err(format!("the policy template {name} is not supported by the local cloud"));
    };
    let mut missing = Vec::new();
    let statement = |(actions, resources): &(&[&str], &[&str])| {
        let resources: Vec<Value> = resources.iter().map(|text| resource(text, values, &mut missing)).collect();
        let resource = match resources.as_slice() {
            [only] => only.clone(),
            several => several.into(),
        };
        let action = match actions {
            [only] if only.starts_with('=') => json!(only.trim_start_matches('=')),
            several => json!(several),
        };
        json!({ "Action": action, "Effect": "Allow", "Resource": resource })
    };
    let statements: Vec<Value> = statements.iter().map(statement).collect();
    if missing.is_empty() {
        return Ok(json!({ "Statement": statements }));
    }
    missing.dedup();
    Err(format!(
        "Must specify valid parameter values for policy template '{name}'. The following required parameters of template '{name}' do not have values: [{}]",
        missing.join(", ")
    ))
}

fn resource(text: &str, values: &Value, missing: &mut Vec<String>) -> Value {
    if !text.contains("${") {
        return text.into();
    }
    let mut names = Map::new();
    for part in text.split("${").skip(1).filter_map(|part| part.split('}').next()) {
        if part.starts_with("AWS::") {
            continue;
        }
        // `tableName` stands for the template's parameter `TableName`.
        let parameter =
            format!("{}{}", part.get(..1).unwrap_or_default().to_uppercase(), part.get(1..).unwrap_or_default());
        match values.get(&parameter) {
            Some(value) => drop(names.insert(part.to_owned(), value.clone())),
            None => missing.push(parameter),
        }
    }
    if names.is_empty() { json!({ "Fn::Sub": text }) } else { json!({ "Fn::Sub": [text, names] }) }
}
