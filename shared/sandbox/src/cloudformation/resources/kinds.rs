//! The types of resources, and what a change of each of their properties means
//! ([update behaviours](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html);
//! the page of each type says which one each property has).

use serde_json::Value;

/// Whether a change of a property makes a new resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recreation {
    Never,
    Always,
}

impl Recreation {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Never => "Never",
            Self::Always => "Always",
        }
    }
}

/// A type of resource.
#[derive(Debug)]
pub(crate) struct Kind {
    /// `AWS::SQS::Queue`.
    pub(crate) of: &'static str,
    /// The property that names it.
    pub(crate) name: Option<&'static str>,
    /// The longest name.
    pub(crate) longest: usize,
    /// Whether names have no capital letters.
    pub(crate) lower_case: bool,
    /// Properties without which there is no such resource.
    pub(crate) required: &'static [&'static str],
    /// Properties whose change makes a new resource.
    pub(crate) fixed: &'static [&'static str],
    /// Properties that change in place.
    pub(crate) changeable: &'static [&'static str],
}

impl Kind {
    pub(crate) fn knows(&self, property: &str) -> bool {
        self.fixed.contains(&property) || self.changeable.contains(&property)
    }

    /// Whether stacks' tags go on to resources of this type.
    pub(crate) fn takes_tags(&self) -> bool {
        self.changeable.contains(&"Tags")
    }

    /// What the change of a property means.
    pub(crate) fn recreation(&self, property: &str, old: Option<&Value>, new: Option<&Value>) -> Recreation {
        if self.of == "AWS::DynamoDB::Table" && property == "AttributeDefinitions" {
            return retyped(old, new);
        }
        if self.fixed.contains(&property) { Recreation::Always } else { Recreation::Never }
    }
}

/// A table's attributes may come and go with its indexes; one that stays keeps its type.
fn retyped(old: Option<&Value>, new: Option<&Value>) -> Recreation {
    let kind_of = |list: Option<&Value>, name: &Value| {
        let mut items = list.and_then(Value::as_array)?.iter();
        items.find(|item| item.get("AttributeName") == Some(name))?.get("AttributeType").cloned()
    };
    let names = old.and_then(Value::as_array).into_iter().flatten().filter_map(|item| item.get("AttributeName"));
    let changed = names.into_iter().any(|name| {
        let new = kind_of(new, name);
        new.is_some() && new != kind_of(old, name)
    });
    if changed { Recreation::Always } else { Recreation::Never }
}

const fn base(of: &'static str, name: Option<&'static str>, longest: usize) -> Kind {
    Kind { of, name, longest, lower_case: false, required: &[], fixed: &[], changeable: &[] }
}

/// The type called `name`, if the local cloud has it.
pub(crate) fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.of == name)
}

static KINDS: [Kind; 21] = [
    Kind {
        fixed: &["QueueName", "FifoQueue"],
        changeable: &[
            "ContentBasedDeduplication",
            "DeduplicationScope",
            "DelaySeconds",
            "FifoThroughputLimit",
            "KmsDataKeyReusePeriodSeconds",
            "KmsMasterKeyId",
            "MaximumMessageSize",
            "MessageRetentionPeriod",
            "ReceiveMessageWaitTimeSeconds",
            "RedriveAllowPolicy",
            "RedrivePolicy",
            "SqsManagedSseEnabled",
            "Tags",
            "VisibilityTimeout",
        ],
        ..base("AWS::SQS::Queue", Some("QueueName"), 80)
    },
    Kind {
        required: &["PolicyDocument", "Queues"],
        changeable: &["PolicyDocument", "Queues"],
        ..base("AWS::SQS::QueuePolicy", None, 128)
    },
    Kind {
        required: &["KeySchema"],
        fixed: &["TableName", "KeySchema", "LocalSecondaryIndexes"],
        changeable: &[
            "AttributeDefinitions",
            "BillingMode",
            "ContributorInsightsSpecification",
            "DeletionProtectionEnabled",
            "GlobalSecondaryIndexes",
            "PointInTimeRecoverySpecification",
            "ProvisionedThroughput",
            "SSESpecification",
            "StreamSpecification",
            "TableClass",
            "Tags",
            "TimeToLiveSpecification",
        ],
        ..base("AWS::DynamoDB::Table", Some("TableName"), 255)
    },
    Kind {
        required: &["Code", "Role"],
        fixed: &["FunctionName", "PackageType"],
        changeable: &[
            "Architectures",
            "Code",
            "CodeSigningConfigArn",
            "DeadLetterConfig",
            "Description",
            "Environment",
            "EphemeralStorage",
            "FileSystemConfigs",
            "Handler",
            "ImageConfig",
            "KmsKeyArn",
            "Layers",
            "LoggingConfig",
            "MemorySize",
            "RecursiveLoop",
            "ReservedConcurrentExecutions",
            "Role",
            "Runtime",
            "RuntimeManagementConfig",
            "SnapStart",
            "Tags",
            "Timeout",
            "TracingConfig",
            "VpcConfig",
        ],
        ..base("AWS::Lambda::Function", Some("FunctionName"), 64)
    },
    Kind {
        required: &["FunctionName"],
        fixed: &["EventSourceArn", "StartingPosition", "StartingPositionTimestamp"],
        changeable: &[
            "BatchSize",
            "BisectBatchOnFunctionError",
            "DestinationConfig",
            "Enabled",
            "FilterCriteria",
            "FunctionName",
            "FunctionResponseTypes",
            "KmsKeyArn",
            "MaximumBatchingWindowInSeconds",
            "MaximumRecordAgeInSeconds",
            "MaximumRetryAttempts",
            "MetricsConfig",
            "ParallelizationFactor",
            "ScalingConfig",
            "Tags",
            "TumblingWindowInSeconds",
        ],
        ..base("AWS::Lambda::EventSourceMapping", None, 64)
    },
    Kind {
        required: &["FunctionName", "Qualifier"],
        fixed: &["FunctionName", "Qualifier"],
        changeable: &["DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts"],
        ..base("AWS::Lambda::EventInvokeConfig", None, 64)
    },
    Kind {
        required: &["Action", "FunctionName", "Principal"],
        fixed: &[
            "Action",
            "EventSourceToken",
            "FunctionName",
            "FunctionUrlAuthType",
            "Principal",
            "PrincipalOrgID",
            "SourceAccount",
            "SourceArn",
        ],
        ..base("AWS::Lambda::Permission", None, 100)
    },
    Kind {
        required: &["Name"],
        fixed: &["Name", "EventSourceName"],
        changeable: &["DeadLetterConfig", "Description", "KmsKeyIdentifier", "LogConfig", "Policy", "Tags"],
        ..base("AWS::Events::EventBus", Some("Name"), 256)
    },
    Kind {
        required: &["SourceArn"],
        fixed: &["ArchiveName", "SourceArn"],
        changeable: &["Description", "EventPattern", "KmsKeyIdentifier", "RetentionDays"],
        ..base("AWS::Events::Archive", Some("ArchiveName"), 48)
    },
    Kind {
        fixed: &["EventBusName", "Name"],
        changeable: &["Description", "EventPattern", "RoleArn", "ScheduleExpression", "State", "Tags", "Targets"],
        ..base("AWS::Events::Rule", Some("Name"), 64)
    },
    Kind {
        fixed: &["LogGroupName"],
        changeable: &[
            "DataProtectionPolicy",
            "FieldIndexPolicies",
            "KmsKeyId",
            "LogGroupClass",
            "RetentionInDays",
            "Tags",
        ],
        ..base("AWS::Logs::LogGroup", Some("LogGroupName"), 512)
    },
    Kind {
        required: &["DestinationArn", "FilterPattern", "LogGroupName"],
        fixed: &["FilterName", "LogGroupName"],
        changeable: &["DestinationArn", "Distribution", "FilterPattern", "RoleArn"],
        ..base("AWS::Logs::SubscriptionFilter", Some("FilterName"), 512)
    },
    Kind {
        required: &["RoleArn"],
        fixed: &["StateMachineName", "StateMachineType"],
        changeable: &[
            "Definition",
            "DefinitionS3Location",
            "DefinitionString",
            "DefinitionSubstitutions",
            "EncryptionConfiguration",
            "LoggingConfiguration",
            "RoleArn",
            "Tags",
            "TracingConfiguration",
        ],
        ..base("AWS::StepFunctions::StateMachine", Some("StateMachineName"), 80)
    },
    Kind {
        required: &["AssumeRolePolicyDocument"],
        fixed: &["Path", "RoleName"],
        changeable: &[
            "AssumeRolePolicyDocument",
            "Description",
            "ManagedPolicyArns",
            "MaxSessionDuration",
            "PermissionsBoundary",
            "Policies",
            "Tags",
        ],
        ..base("AWS::IAM::Role", Some("RoleName"), 64)
    },
    Kind {
        required: &["PolicyDocument", "PolicyName"],
        fixed: &["PolicyName"],
        changeable: &["PolicyDocument", "Roles"],
        ..base("AWS::IAM::Policy", Some("PolicyName"), 128)
    },
    Kind {
        required: &["PolicyDocument"],
        fixed: &["Description", "ManagedPolicyName", "Path"],
        changeable: &["PolicyDocument", "Roles"],
        ..base("AWS::IAM::ManagedPolicy", Some("ManagedPolicyName"), 128)
    },
    Kind {
        lower_case: true,
        fixed: &["BucketName"],
        changeable: &[
            "BucketEncryption",
            "OwnershipControls",
            "PublicAccessBlockConfiguration",
            "Tags",
            "VersioningConfiguration",
        ],
        ..base("AWS::S3::Bucket", Some("BucketName"), 63)
    },
    Kind {
        required: &["Bucket", "PolicyDocument"],
        fixed: &["Bucket"],
        changeable: &["PolicyDocument"],
        ..base("AWS::S3::BucketPolicy", None, 63)
    },
    Kind {
        required: &["ComparisonOperator", "EvaluationPeriods"],
        fixed: &["AlarmName"],
        changeable: &[
            "ActionsEnabled",
            "AlarmActions",
            "AlarmDescription",
            "ComparisonOperator",
            "DatapointsToAlarm",
            "Dimensions",
            "EvaluateLowSampleCountPercentile",
            "EvaluationPeriods",
            "ExtendedStatistic",
            "InsufficientDataActions",
            "MetricName",
            "Metrics",
            "Namespace",
            "OKActions",
            "Period",
            "Statistic",
            "Tags",
            "Threshold",
            "ThresholdMetricId",
            "TreatMissingData",
            "Unit",
        ],
        ..base("AWS::CloudWatch::Alarm", Some("AlarmName"), 255)
    },
    base("AWS::CloudFormation::WaitConditionHandle", None, 128),
    Kind { changeable: &["Analytics"], ..base("AWS::CDK::Metadata", None, 128) },
];
