//! [Lambda quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)

use std::time::Duration;

/// The largest event of a synchronous invocation, in bytes.
pub(super) const REQUEST: usize = 6 * 1024 * 1024;
/// The largest event of an asynchronous invocation, in bytes
/// ([1 MB since October 2025](https://aws.amazon.com/about-aws/whats-new/2025/10/aws-lambda-payload-size-256-kb-1-mb-invocations/)).
pub(super) const ASYNC_REQUEST: usize = 1024 * 1024;
/// The largest answer, in bytes: 100 more than the largest event, as AWS's own message shows.
pub(super) const RESPONSE: usize = REQUEST + 100;
/// Environments of the whole account, for functions without a reservation.
pub(super) const ACCOUNT_CONCURRENCY: usize = 1000;
/// The part of it that cannot be reserved.
pub(super) const UNRESERVED: u64 = 100;
/// Processes of one function without a reservation: this machine's limit, not AWS's. More invocations wait.
pub(super) const PROCESSES: usize = 10;
/// The largest code, unpacked, in bytes.
pub(super) const CODE: u64 = 250 * 1024 * 1024;
/// The largest code that a request brings, packed, in bytes.
pub(super) const ZIPPED_CODE: usize = 50 * 1024 * 1024;
/// All code of an account, packed, in bytes.
pub(super) const CODE_OF_ACCOUNT: u64 = 75 * 1024 * 1024 * 1024;
/// The largest request that brings code, in bytes.
pub(super) const CODE_REQUEST: usize = 70_167_211;
/// How long an asynchronous event is kept.
pub(super) const EVENT_AGE: Duration = Duration::from_secs(6 * 60 * 60);
/// The longest timeout, in seconds.
pub(super) const TIMEOUT: u64 = 900;
