//! Emptying an account, for tests that share one local cloud.

use crate::cloud::Cloud;

impl Cloud {
    /// Empties the account, in every region, and those of all other accounts: ends what is under way, and forgets every
    /// resource, name, token and metric. The clock goes on, and so do the ids. Who listens to log lines listens on.
    pub async fn reset(&self) {
        for other in self.take_others() {
            other.empty().await;
        }
        self.empty().await;
    }

    /// First what calls others, then what is called.
    async fn empty(&self) {
        self.cloudformation().reset();
        self.eventbridge().reset();
        self.step_functions().reset(self);
        self.lambda().shutdown().await;
        self.sqs().reset();
        self.dynamodb().reset();
        self.cloudwatch().reset();
        self.s3().reset();
        self.iam().reset();
        self.logs().reset();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::FutureExt as _;
    use futures::future::BoxFuture;
    use serde_json::{Value, json};

    use crate::cloud::{Cloud, Service};
    use crate::lambda::{Code, FunctionError, FunctionSpec, Invocation};
    use crate::testing::cloud;

    async fn ok(cloud: &Cloud, service: Service, operation: &str, input: Value) -> Value {
        let answer = cloud.call(service, operation, input).await;
        answer.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    /// One of everything, with an execution that waits and a schedule that ticks; the same names every time.
    async fn fill(cloud: &Cloud) {
        let queue = ok(cloud, Service::Sqs, "CreateQueue", json!({ "QueueName": "q" })).await;
        ok(cloud, Service::Sqs, "SendMessage", json!({ "QueueUrl": queue["QueueUrl"], "MessageBody": "x" })).await;
        let table = json!({
            "TableName": "table", "BillingMode": "PAY_PER_REQUEST", "DeletionProtectionEnabled": true,
            "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
            "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" },
        });
        ok(cloud, Service::DynamoDb, "CreateTable", table).await;
        let rule = json!({ "Name": "r", "ScheduleExpression": "rate(1 minute)" });
        ok(cloud, Service::EventBridge, "PutRule", rule).await;
        let target = json!({ "Rule": "r", "Targets": [{ "Id": "q", "Arn": cloud.arn("sqs", "q") }] });
        ok(cloud, Service::EventBridge, "PutTargets", target).await;
        let code =
            |_: Invocation| -> BoxFuture<'static, Result<Value, FunctionError>> { async { Ok(Value::Null) }.boxed() };
        cloud.lambda().add_function(cloud, FunctionSpec::new("f", Code::in_process(code))).unwrap();
        let definition = json!({ "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": 600, "End": true } } });
        let machine =
            json!({ "name": "m", "roleArn": "arn:aws:iam::000000000000:role/r", "definition": definition.to_string() });
        let machine = ok(cloud, Service::StepFunctions, "CreateStateMachine", machine).await;
        let start = json!({ "stateMachineArn": machine["stateMachineArn"], "name": "e" });
        ok(cloud, Service::StepFunctions, "StartExecution", start).await;
        ok(cloud, Service::Logs, "CreateLogGroup", json!({ "logGroupName": "g" })).await;
        ok(cloud, Service::S3, "CreateBucket", json!({ "Bucket": "bucket" })).await;
    }

    #[tokio::test(start_paused = true)]
    async fn everything_is_gone_and_every_name_is_free_again() {
        let cloud = cloud();
        for _ in 0..2 {
            fill(&cloud).await;
            ok(&cloud, Service::Lambda, "Invoke", json!({ "FunctionName": "f", "Payload": "{}" })).await;
            cloud.reset().await;
        }
        assert_eq!(cloud.pending(), None);
        for (service, operation, member) in [
            (Service::DynamoDb, "ListTables", "TableNames"),
            (Service::DynamoDbStreams, "ListStreams", "Streams"),
            (Service::EventBridge, "ListRules", "Rules"),
            (Service::StepFunctions, "ListStateMachines", "stateMachines"),
            (Service::Lambda, "ListFunctions", "Functions"),
            (Service::Logs, "DescribeLogGroups", "logGroups"),
        ] {
            assert_eq!(ok(&cloud, service, operation, json!({})).await[member], json!([]), "{operation}");
        }
        let queues = ok(&cloud, Service::Sqs, "ListQueues", json!({})).await;
        assert!(queues.get("QueueUrls").is_none_or(|urls| *urls == json!([])), "{queues}");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_of_before_happens_after() {
        let cloud = cloud();
        fill(&cloud).await;
        cloud.reset().await;
        let queue = ok(&cloud, Service::Sqs, "CreateQueue", json!({ "QueueName": "q" })).await;
        tokio::time::sleep(Duration::from_secs(3600)).await;
        let received = ok(&cloud, Service::Sqs, "ReceiveMessage", json!({ "QueueUrl": queue["QueueUrl"] })).await;
        assert!(received.get("Messages").is_none_or(|messages| *messages == json!([])), "{received}");
    }

    #[tokio::test(start_paused = true)]
    async fn other_accounts_are_emptied_too() {
        let cloud = Cloud::builder(cloud().clock()).worldwide().build();
        let other = cloud.elsewhere(Some("111122223333"), Some("eu-west-1"));
        fill(&other).await;
        cloud.reset().await;
        let other = cloud.elsewhere(Some("111122223333"), Some("eu-west-1"));
        assert_eq!(ok(&other, Service::DynamoDb, "ListTables", json!({})).await["TableNames"], json!([]));
    }
}
