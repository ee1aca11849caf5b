//! The local cloud itself: one account in one region.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use crate::clock::Clock;
use crate::cloudformation::CloudFormation;
use crate::cloudwatch::CloudWatch;
use crate::dynamodb::{DynamoDb, KnownExpressions};
use crate::eventbridge::EventBridge;
use crate::faults::{Delivery, DeliveryFault, Faults, Plan};
use crate::iam::Iam;
use crate::lambda::Lambda;
use crate::logs::Logs;
use crate::s3::S3;
use crate::sqs::Sqs;
use crate::step_functions::StepFunctions;
use crate::wire::{self, Answer};

/// How often [`Cloud::settle`] looks: at first, and when it has waited long. In between it looks more seldom by a sixteenth each time,
/// so that an hour does not cost an hour's looks, and little more time passes than what is under way takes.
const OFTEN: Duration = Duration::from_millis(5);
const SELDOM: Duration = Duration::from_secs(1);

/// A service of the local cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Service {
    /// Amazon DynamoDB.
    DynamoDb,
    /// Amazon DynamoDB Streams.
    DynamoDbStreams,
    /// Amazon SQS.
    Sqs,
    /// Amazon EventBridge.
    EventBridge,
    /// AWS Step Functions.
    StepFunctions,
    /// AWS Lambda.
    Lambda,
    /// Amazon CloudWatch Logs.
    Logs,
    /// Amazon CloudWatch metrics.
    CloudWatch,
    /// Amazon S3.
    S3,
    /// AWS STS.
    Sts,
    /// AWS IAM.
    Iam,
    /// AWS CloudFormation.
    CloudFormation,
}

impl Service {
    pub(crate) fn json_version(self) -> &'static str {
        match self {
            Self::EventBridge | Self::Logs => "1.1",
            _ => "1.0",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DynamoDb => "DynamoDB",
            Self::DynamoDbStreams => "DynamoDB Streams",
            Self::Sqs => "SQS",
            Self::EventBridge => "EventBridge",
            Self::StepFunctions => "Step Functions",
            Self::Lambda => "Lambda",
            Self::Logs => "CloudWatch Logs",
            Self::CloudWatch => "CloudWatch",
            Self::S3 => "S3",
            Self::Sts => "STS",
            Self::Iam => "IAM",
            Self::CloudFormation => "CloudFormation",
        })
    }
}

/// The local cloud. Cheap to clone: clones are the same cloud.
#[derive(Clone)]
pub struct Cloud {
    inner: Arc<Inner>,
}

struct Inner {
    account: String,
    region: String,
    clock: Clock,
    random: Mutex<StdRng>,
    plan: Arc<Plan>,
    endpoint: OnceLock<String>,
    dynamodb: DynamoDb,
    sqs: Sqs,
    eventbridge: EventBridge,
    step_functions: StepFunctions,
    lambda: Lambda,
    logs: Logs,
    cloudwatch: CloudWatch,
    s3: S3,
    iam: Iam,
    cloudformation: CloudFormation,
    seed: u64,
    worldwide: bool,
    /// The cloud that the others belong to; none for that cloud itself.
    origin: Weak<Inner>,
    /// The clouds of other accounts and regions.
    others: Mutex<BTreeMap<(String, String), Cloud>>,
}

/// Settings of a [`Cloud`].
#[derive(Debug)]
#[must_use]
pub struct CloudBuilder {
    account: String,
    region: String,
    clock: Clock,
    seed: u64,
    worldwide: bool,
    plan: Arc<Plan>,
    expressions: KnownExpressions,
}

impl CloudBuilder {
    /// The twelve digits of the account; `000000000000` unless set.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self
    }

    /// The region; `us-east-1` unless set.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = region.into();
        self
    }

    /// What the ids, and every other random choice of the cloud, come from. Same seed, same choices.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Requests that are signed for another region, or with another account's twelve digits as access key, are answered by
    /// a cloud of that region and account. Unless this is set, one cloud answers all requests.
    pub fn worldwide(mut self) -> Self {
        self.worldwide = true;
        self
    }

    /// Expressions of DynamoDB that are known already, and to which those that this cloud reads are added; none unless set. The first
    /// request with an expression takes some ten times as long as the next.
    pub fn expressions(mut self, known: KnownExpressions) -> Self {
        self.expressions = known;
        self
    }

    /// What goes wrong on purpose; nothing unless set. [`Cloud::set_faults`] changes it later.
    pub fn faults(self, faults: Arc<dyn Faults>) -> Self {
        self.plan.set(Some(faults));
        self
    }

    /// The cloud.
    pub fn build(self) -> Cloud {
        self.build_beside(Weak::new())
    }

    fn build_beside(self, origin: Weak<Inner>) -> Cloud {
        Cloud {
            inner: Arc::new(Inner {
                dynamodb: DynamoDb::new(self.clock, self.expressions),
                sqs: Sqs::default(),
                eventbridge: EventBridge::default(),
                step_functions: StepFunctions::default(),
                lambda: Lambda::default(),
                logs: Logs::default(),
                cloudwatch: CloudWatch::default(),
                s3: S3::default(),
                iam: Iam::default(),
                cloudformation: CloudFormation::default(),
                account: self.account,
                region: self.region,
                clock: self.clock,
                random: Mutex::new(StdRng::seed_from_u64(self.seed)),
                plan: self.plan,
                endpoint: OnceLock::new(),
                seed: self.seed,
                worldwide: self.worldwide,
                origin,
                others: Mutex::default(),
            }),
        }
    }
}

impl Cloud {
    /// Starts describing a cloud on `clock`.
    pub fn builder(clock: Clock) -> CloudBuilder {
        CloudBuilder {
            account: "000000000000".into(),
            region: "us-east-1".into(),
            clock,
            seed: 0,
            worldwide: false,
            plan: Arc::default(),
            expressions: KnownExpressions::default(),
        }
    }

    /// Answers an HTTP request as the AWS endpoint would. Where [faults](crate::faults) are set, the answer may be one that
    /// the client must not get because its connection broke: [`connector`](crate::connector) and
    /// [`gateway`](crate::gateway) know of that.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        wire::handle(self, request).await
    }

    /// Calls an operation of a service with its input as AWS's API reference writes it in JSON. The one way in, for
    /// requests from outside and for services that call each other. Blobs (Lambda's `Payload`) are text here.
    pub async fn call(&self, service: Service, operation: &str, input: Value) -> Answer {
        // Each in a box, or what calls any of them, and what calls that, is as large as the largest.
        match service {
            Service::DynamoDb => Box::pin(crate::dynamodb::call(self, operation, input)).await,
            Service::DynamoDbStreams => Box::pin(crate::dynamodb::call_streams(self, operation, input)).await,
            Service::Sqs => Box::pin(crate::sqs::call(self, operation, input)).await,
            Service::EventBridge => Box::pin(crate::eventbridge::call(self, operation, input)).await,
            Service::StepFunctions => Box::pin(crate::step_functions::call(self, operation, input)).await,
            Service::Lambda => Box::pin(crate::lambda::call(self, operation, input)).await,
            Service::Logs => Box::pin(crate::logs::call(self, operation, input)).await,
            Service::CloudWatch => Box::pin(crate::cloudwatch::call(self, operation, input)).await,
            Service::S3 => Box::pin(crate::s3::call(self, operation, input)).await,
            Service::Sts => Box::pin(crate::sts::call(self, operation, input)).await,
            Service::Iam => Box::pin(crate::iam::call(self, operation, input)).await,
            Service::CloudFormation => Box::pin(crate::cloudformation::call(self, operation, input)).await,
        }
    }

    /// Waits until nothing is under way: no invocation, no message in a queue that a function reads, no execution, no log
    /// line on its way to a subscription. Schedules and messages in queues that nobody reads do not count.
    ///
    /// # Errors
    /// What is still under way after `limit`.
    pub async fn settle(&self, limit: Duration) -> Result<(), String> {
        let begun = Instant::now();
        let mut calm = 0;
        let mut pause = OFTEN;
        loop {
            match self.pending() {
                None if calm == 3 => return Ok(()),
                None => (calm, pause) = (calm + 1, OFTEN),
                Some(what) if begun.elapsed() >= limit => return Err(what),
                Some(_) => (calm, pause) = (0, (pause * 17 / 16).min(SELDOM)),
            }
            tokio::time::sleep(pause.min(limit.saturating_sub(begun.elapsed()).max(OFTEN))).await;
        }
    }

    /// One thing that is under way, named for a person: `2 messages in orders-notify`.
    pub fn pending(&self) -> Option<String> {
        let inner = &self.inner;
        inner
            .lambda
            .pending()
            .or_else(|| inner.step_functions.pending())
            .or_else(|| inner.eventbridge.pending())
            .or_else(|| inner.logs.pending())
            .or_else(|| inner.sqs.pending(&inner.lambda.polled_queues()))
            .or_else(|| inner.plan.pending())
            .or_else(|| self.others().values().find_map(Self::pending))
    }

    fn others(&self) -> MutexGuard<'_, BTreeMap<(String, String), Self>> {
        self.inner.others.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The clouds of other accounts and regions, which this one then no longer knows.
    pub(crate) fn take_others(&self) -> Vec<Self> {
        std::mem::take(&mut *self.others()).into_values().collect()
    }

    pub(crate) fn is_worldwide(&self) -> bool {
        self.inner.worldwide
    }

    /// Whether this is the same cloud, not only one like it.
    #[cfg(test)]
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// The cloud of another account, another region, or both; this cloud's where there is none. The same one every time.
    pub(crate) fn elsewhere(&self, account: Option<&str>, region: Option<&str>) -> Self {
        let account = account.unwrap_or(self.account());
        let region = region.unwrap_or(self.region());
        let lives_at = |cloud: &Self| cloud.account() == account && cloud.region() == region;
        if lives_at(self) {
            return self.clone();
        }
        let origin = self.inner.origin.upgrade().map_or_else(|| self.clone(), |inner| Self { inner });
        if lives_at(&origin) {
            return origin;
        }
        let mut others = origin.others();
        let made =
            others.entry((account.to_owned(), region.to_owned())).or_insert_with(|| origin.beside(account, region));
        made.clone()
    }

    fn beside(&self, account: &str, region: &str) -> Self {
        let own = &self.inner;
        let place =
            format!("{account}{region}").bytes().fold(own.seed, |hash, byte| hash.rotate_left(7) ^ u64::from(byte));
        let builder = Self::builder(own.clock).account(account).region(region).seed(place);
        let plan = own.plan.clone();
        let cloud = CloudBuilder { worldwide: own.worldwide, plan, ..builder }.build_beside(Arc::downgrade(own));
        if let Some(endpoint) = own.endpoint.get() {
            cloud.set_endpoint(endpoint.clone());
        }
        cloud
    }

    /// Changes what goes wrong on purpose, here and in the clouds of other accounts and regions; none: nothing does.
    pub fn set_faults(&self, faults: Option<Arc<dyn Faults>>) {
        self.inner.plan.set(faults);
    }

    /// Who is to be asked what goes wrong, if anyone.
    pub(crate) fn faults(&self) -> Option<Arc<dyn Faults>> {
        self.inner.plan.get()
    }

    /// What goes wrong with a delivery, where anything can.
    pub(crate) fn delivery_fault<'a>(&self, delivery: impl FnOnce(Timestamp) -> Delivery<'a>) -> Option<DeliveryFault> {
        let faults = self.faults()?;
        let delivery = delivery(self.clock().now());
        let fault = faults.delivery(&delivery)?;
        let possible = delivery.hop.may_come_twice() || !matches!(fault, DeliveryFault::Twice { .. });
        possible.then_some(fault)
    }

    pub(crate) fn plan(&self) -> &Arc<Plan> {
        &self.inner.plan
    }

    /// The clock.
    pub fn clock(&self) -> Clock {
        self.inner.clock
    }

    /// The account's twelve digits.
    pub fn account(&self) -> &str {
        &self.inner.account
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.inner.region
    }

    /// `http://127.0.0.1:4566` once a gateway serves this cloud; before that, a name that only queue URLs show.
    pub fn endpoint(&self) -> &str {
        self.inner.endpoint.get().map_or("http://cloud.invalid", String::as_str)
    }

    pub(crate) fn set_endpoint(&self, endpoint: String) {
        for other in self.others().values() {
            other.set_endpoint(endpoint.clone());
        }
        let _ = self.inner.endpoint.set(endpoint);
    }

    /// An ARN in this account and region.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region(), self.account())
    }

    /// A UUID (version 4) from the cloud's seed.
    pub fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.random(|random| random.fill_bytes(&mut bytes));
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// A random choice from the cloud's seed.
    pub fn random<T>(&self, choose: impl FnOnce(&mut StdRng) -> T) -> T {
        choose(&mut self.inner.random.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn dynamodb(&self) -> &DynamoDb {
        &self.inner.dynamodb
    }
    pub(crate) fn sqs(&self) -> &Sqs {
        &self.inner.sqs
    }
    pub(crate) fn eventbridge(&self) -> &EventBridge {
        &self.inner.eventbridge
    }
    pub(crate) fn step_functions(&self) -> &StepFunctions {
        &self.inner.step_functions
    }
    /// The functions and their triggers.
    pub fn lambda(&self) -> &Lambda {
        &self.inner.lambda
    }
    /// The log groups.
    pub fn logs(&self) -> &Logs {
        &self.inner.logs
    }
    /// The buckets and their objects.
    pub fn s3(&self) -> &S3 {
        &self.inner.s3
    }
    pub(crate) fn cloudformation(&self) -> &CloudFormation {
        &self.inner.cloudformation
    }
    pub(crate) fn cloudwatch(&self) -> &CloudWatch {
        &self.inner.cloudwatch
    }
    pub(crate) fn iam(&self) -> &Iam {
        &self.inner.iam
    }
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cloud").field("account", &self.inner.account).field("region", &self.inner.region).finish()
    }
}
