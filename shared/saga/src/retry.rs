//! How often and how patiently a step is tried.

use serde::Serialize;

/// The errors after which a step is tried again, as often as its policy says: what the runner calls `Transient`, and what Lambda and
/// Step Functions report when the function itself may be why the step has no answer.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception>
pub const TRANSIENT_ERRORS: [&str; 6] = [
    "Transient",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Runtime.ExitError",
    "States.Timeout",
];

/// The errors of a step that a service of AWS kept from being done: what the runner calls `Unavailable`, since a service that it needs
/// throttled, failed or did not answer; and that Lambda itself threw the invocation back. They say nothing about the step.
pub const UNAVAILABLE_ERRORS: [&str; 5] = [
    "Unavailable",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
];

/// The error of a step that met an open circuit: what it needs does not answer, so it was not tried, or in vain.
pub const CIRCUIT_OPEN: &str = "CircuitOpen";

/// When a step that failed for a transient reason is tried again: after a random time between 0 and `interval_seconds`,
/// which is multiplied by `backoff_rate` each time, up to `max_delay_seconds`.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Retry {
    /// The first wait, at most; at least 1.
    pub interval_seconds: u32,
    /// By what each further wait grows; at least 1.
    pub backoff_rate: u32,
    /// Attempts after the first.
    pub max_attempts: u32,
    /// The longest wait; more than the first.
    pub max_delay_seconds: u32,
}

impl Retry {
    /// The most attempts that Amazon States Language allows.
    pub const MOST: u32 = 99_999_999;

    /// Of a step that can be undone: five more attempts within about half a minute.
    pub const QUICK: Self = Self { interval_seconds: 1, backoff_rate: 2, max_attempts: 5, max_delay_seconds: 30 };

    /// Of what should succeed: compensations, steps after the pivot. Twenty more attempts within about an hour.
    pub const PATIENT: Self = Self { interval_seconds: 1, backoff_rate: 2, max_attempts: 20, max_delay_seconds: 300 };

    /// Until it succeeds, is refused, or the saga's time is up.
    pub const UNTIL_TIMEOUT: Self = Self { max_attempts: Self::MOST, ..Self::PATIENT };

    /// Of a step that met an open circuit, whatever else its policy is: that says nothing about the step, so it takes none of the step's
    /// attempts and the step waits until the circuit closes, or the saga's time is up. Step Functions
    /// [counts for each retrier apart](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error).
    pub const WHILE_CIRCUIT_OPEN: Self =
        Self { interval_seconds: 30, backoff_rate: 2, max_attempts: Self::MOST, max_delay_seconds: 600 };

    /// Of a step that a service of AWS kept from being done, whatever else its policy is: it takes none of the step's attempts, as an open
    /// circuit does. It begins as quickly as any, and ends with the saga's time: giving up would start a compensation that needs the same
    /// services.
    pub const WHILE_UNAVAILABLE: Self =
        Self { interval_seconds: 1, backoff_rate: 2, max_attempts: Self::MOST, max_delay_seconds: 600 };

    /// The longest that all attempts and the waits between them can take, in seconds; `None`: as long as the saga lasts.
    #[must_use]
    pub fn longest(&self, timeout_seconds: u32) -> Option<u64> {
        if self.max_attempts == Self::MOST {
            return None;
        }
        let most = u64::from(self.max_delay_seconds);
        let mut wait = u64::from(self.interval_seconds).min(most);
        let mut sum = u64::from(timeout_seconds).saturating_mul(u64::from(self.max_attempts) + 1);
        for attempt in 0..self.max_attempts {
            if wait == most || self.backoff_rate <= 1 {
                return Some(sum.saturating_add(wait.saturating_mul(u64::from(self.max_attempts - attempt))));
            }
            sum = sum.saturating_add(wait);
            wait = wait.saturating_mul(u64::from(self.backoff_rate)).min(most);
        }
        Some(sum)
    }
}
