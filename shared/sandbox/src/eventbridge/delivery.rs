//! One event on its way to one target, with AWS's retries.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rand::RngExt;

use super::event::Event;
use super::rules::Rule;
use super::target::{RuleName, Target};
use super::{dead_letters, send};
use crate::cloud::Cloud;
use crate::faults::{self, DeliveryFault, Hop};

/// The longest wait between two attempts. AWS says only that it backs off exponentially, with jitter:
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html>.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// Why a delivery failed, as the dead letter says it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    pub(super) code: &'static str,
    pub(super) message: String,
    /// Whether trying again may help.
    pub(super) passing: bool,
}

/// How a delivery ended that did not succeed.
#[derive(Debug, PartialEq)]
pub(super) struct Exhausted {
    pub(super) failure: Failure,
    pub(super) retries: i64,
    /// The limit that was reached; none when trying again would not have helped.
    pub(super) condition: Option<&'static str>,
}

/// A delivery: what of which rule goes where.
pub(super) struct Delivery {
    pub(super) rule: RuleName,
    pub(super) target: Arc<Target>,
    pub(super) event: Event,
}

/// Starts the deliveries to the rule's targets.
pub(super) fn start(cloud: &Cloud, rule: &Rule, event: &Event) {
    for target in rule.targets.values() {
        let delivery = Delivery { rule: rule.into(), target: Arc::clone(target), event: event.clone() };
        let what = format!("event {} on its way from rule {} to {}", event.id(), rule.name, target.arn);
        let pending = cloud.eventbridge().begin(what);
        let cloud = cloud.clone();
        tokio::spawn(async move {
            if let Err(exhausted) = deliver(&cloud, &delivery).await {
                dead_letters::send(&cloud, &delivery, &exhausted).await;
            }
            drop(pending);
        });
    }
}

async fn deliver(cloud: &Cloud, delivery: &Delivery) -> Result<(), Exhausted> {
    let target = &delivery.target;
    let input = target.input(&delivery.rule, &delivery.event).map_err(|error| Exhausted {
        failure: Failure { code: "INVALID_JSON", message: error.to_string(), passing: false },
        retries: 0,
        condition: None,
    })?;
    let limits =
        Limits { retries: target.attempts, age_seconds: target.age_seconds, ingested: delivery.event.ingested };
    let deliver = || retry(cloud, limits, || send::send(cloud, delivery, &input));
    let (rule, id) = (delivery.rule.arn.as_str(), delivery.event.id());
    let fault = cloud.delivery_fault(|at| faults::Delivery {
        hop: Hop::Event,
        from: rule,
        to: &target.arn,
        id,
        group: target.group.as_deref(),
        payload: &input,
        at,
    });
    match fault {
        Some(DeliveryFault::Twice { after }) => {
            let again = async {
                cloud.clock().sleep(after).await;
                deliver().await
            };
            let (first, second) = tokio::join!(biased; deliver(), again);
            first.and(second)
        }
        Some(DeliveryFault::Late(time)) => {
            cloud.clock().sleep(time).await;
            deliver().await
        }
        None => deliver().await,
    }
}

/// How long a delivery is tried.
#[derive(Clone, Copy)]
struct Limits {
    retries: i64,
    age_seconds: i64,
    ingested: Timestamp,
}

/// Tries until it succeeds, or cannot succeed, or a limit is reached.
async fn retry<F>(cloud: &Cloud, limits: Limits, attempt: impl Fn() -> F) -> Result<(), Exhausted>
where
    F: Future<Output = Result<(), Failure>>,
{
    let mut retries = 0;
    loop {
        let Err(failure) = attempt().await else { return Ok(()) };
        if !failure.passing {
            return Err(Exhausted { failure, retries, condition: None });
        }
        if retries >= limits.retries {
            return Err(Exhausted { failure, retries, condition: Some("MaximumRetryAttempts") });
        }
        let wait = backoff(cloud, retries);
        let age = cloud.clock().now().duration_since(limits.ingested).as_secs_f64() + wait.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "at most a day of seconds")]
        if age > limits.age_seconds as f64 {
            return Err(Exhausted { failure, retries, condition: Some("MaximumEventAgeInSeconds") });
        }
        cloud.clock().sleep(wait).await;
        retries += 1;
    }
}

fn backoff(cloud: &Cloud, retries: i64) -> Duration {
    let doublings = u32::try_from(retries).unwrap_or(u32::MAX).min(10);
    let longest = Duration::from_secs(1 << doublings).min(LONGEST_WAIT);
    longest.mul_f64(cloud.random(|random| random.random_range(0.5..1.0)))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::ready;

    use super::*;
    use crate::testing::cloud;

    fn throttled() -> Failure {
        Failure { code: "THROTTLING", message: String::new(), passing: true }
    }

    fn limits(cloud: &Cloud, retries: i64, age_seconds: i64) -> Limits {
        Limits { retries, age_seconds, ingested: cloud.clock().now() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_passing_failure_is_tried_again() {
        let (cloud, attempts) = (cloud(), Cell::new(0));
        let attempt = || {
            attempts.set(attempts.get() + 1);
            ready(if attempts.get() < 4 { Err(throttled()) } else { Ok(()) })
        };
        assert_eq!(retry(&cloud, limits(&cloud, 185, 86_400), attempt).await, Ok(()));
        assert_eq!(attempts.get(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_retries_is_a_limit() {
        let cloud = cloud();
        let end = retry(&cloud, limits(&cloud, 2, 86_400), || ready(Err(throttled()))).await;
        assert_eq!(end, Err(Exhausted { failure: throttled(), retries: 2, condition: Some("MaximumRetryAttempts") }));
    }

    #[tokio::test(start_paused = true)]
    async fn the_age_of_the_event_is_a_limit() {
        let cloud = cloud();
        let started = cloud.clock().now();
        let end = retry(&cloud, limits(&cloud, 185, 60), || ready(Err(throttled()))).await.unwrap_err();
        assert_eq!(end.condition, Some("MaximumEventAgeInSeconds"));
        assert!((1..185).contains(&end.retries));
        assert!(cloud.clock().now().duration_since(started).as_secs() <= 60);
    }
}
