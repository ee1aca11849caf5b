//! What a case is given: clients of an account, names of its own, and time.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use aws_types::SdkConfig;
use futures::future::LocalBoxFuture;
use throughline_sandbox::Cloud;

/// How time passes on a backend.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long a case waits for something to happen before it fails.
    pub patience: Duration,
    /// After what time something that has not happened will not happen.
    pub quiet: Duration,
    /// How often it looks.
    pub poll: Duration,
}

/// An account to run one case in. Cheap to clone.
#[derive(Clone)]
pub struct Account {
    /// Amazon SQS.
    pub sqs: aws_sdk_sqs::Client,
    /// Amazon DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Amazon DynamoDB Streams.
    pub streams: aws_sdk_dynamodbstreams::Client,
    /// Amazon EventBridge.
    pub events: aws_sdk_eventbridge::Client,
    /// AWS Step Functions.
    pub sfn: aws_sdk_sfn::Client,
    /// AWS Lambda.
    pub lambda: aws_sdk_lambda::Client,
    /// Amazon CloudWatch Logs.
    pub logs: aws_sdk_cloudwatchlogs::Client,
    /// How time passes.
    pub pace: Pace,
    /// The role of functions and state machines.
    pub role: String,
    /// What functions run.
    pub code: FunctionCode,
    prefix: String,
    at_end: Rc<RefCell<Vec<LocalBoxFuture<'static, ()>>>>,
}

/// What functions run.
#[derive(Clone)]
pub enum FunctionCode {
    /// Code in this process, added to the cloud directly: the one thing that is not done through a client.
    InProcess(Cloud),
    /// A zip file with a `bootstrap`.
    Zip(Arc<Vec<u8>>),
}

impl Account {
    /// An account behind `config`. What the case makes is named `prefix-…`.
    pub fn new(config: &SdkConfig, pace: Pace, role: String, code: FunctionCode, prefix: String) -> Self {
        Self {
            sqs: aws_sdk_sqs::Client::new(config),
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            streams: aws_sdk_dynamodbstreams::Client::new(config),
            events: aws_sdk_eventbridge::Client::new(config),
            sfn: aws_sdk_sfn::Client::new(config),
            lambda: aws_sdk_lambda::Client::new(config),
            logs: aws_sdk_cloudwatchlogs::Client::new(config),
            pace,
            role,
            code,
            prefix,
            at_end: Rc::default(),
        }
    }

    /// The name of a resource of this case.
    pub fn name(&self, label: &str) -> String {
        format!("{}-{label}", self.prefix)
    }

    /// Lets time pass.
    pub async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Waits until what has not happened will not happen.
    pub async fn quiet(&self) {
        self.pass(self.pace.quiet).await;
    }

    /// Does this when the case has ended, however it ended; what was asked last first.
    pub fn at_end<T>(&self, clean: impl Future<Output = T> + 'static) {
        let clean = Box::pin(async move { drop(clean.await) });
        self.at_end.borrow_mut().push(clean);
    }

    /// Cleans up.
    pub async fn end(&self) {
        loop {
            let next = self.at_end.borrow_mut().pop();
            match next {
                Some(clean) => clean.await,
                None => break,
            }
        }
        if let FunctionCode::InProcess(cloud) = &self.code {
            cloud.lambda().shutdown().await;
        }
    }
}
