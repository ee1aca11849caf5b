//! What can go wrong.

use std::fmt;
use std::str::FromStr;

macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident = $name:literal, $rate:literal,)*) => {
        /// Something that goes wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Fault {
            $($(#[$doc])* $fault,)*
        }

        impl Fault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$fault),*];

            /// The name that `--faults` takes.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$fault => $name,)*
                }
            }

            /// How often it strikes where it can, from 0 to 1, unless another rate is asked for.
            #[must_use]
            pub const fn rate(self) -> f64 {
                match self {
                    $(Self::$fault => $rate,)*
                }
            }
        }
    };
}

faults! {
    /// A message or an event is delivered twice, up to a minute apart; a client sends its request twice at once.
    Duplicate = "duplicate", 0.02,
    /// A message waits for some milliseconds up to 5 seconds, so that later ones overtake it. A FIFO queue keeps its order.
    Reorder = "reorder", 0.05,
    /// A message waits for 10 seconds up to 10 minutes.
    Delay = "delay", 0.005,
    /// The process dies with a request that is not sent: between the call before and this one.
    CrashBefore = "crash-before", 0.003,
    /// The process dies while it waits for the answer to a request that takes effect.
    CrashAfter = "crash-after", 0.003,
    /// The answer to a request that took effect does not come.
    LostAnswer = "lost-answer", 0.005,
    /// A request takes effect when its sender has given it up: 6 to 20 seconds later.
    Late = "late", 0.002,
    /// A service refuses a request as too many.
    Throttle = "throttle", 0.005,
    /// A service fails on its own side and does nothing.
    ServerError = "server-error", 0.005,
    /// A bus answers with status 200 and says in the answer that an event was not taken; DynamoDB gives an item of a batch back.
    Partly = "partly", 0.01,
    /// A transaction is cancelled because another one is writing.
    Conflict = "conflict", 0.01,
    /// The process hangs before a call until the function's timeout ends it.
    TimeOut = "time-out", 0.0005,
    /// An invocation is refused: too many at once.
    Refused = "refused", 0.003,
    /// Lambda itself fails, and the function does not run.
    LambdaFails = "lambda-fails", 0.002,
    /// The process dies when its work is done, before it says so: for a queue, the partial batch response is lost.
    ResponseLost = "response-lost", 0.01,
    /// An invocation begins up to 5 seconds late, as behind a cold start.
    SlowStart = "slow-start", 0.02,
    /// An outside party takes 1 to 8 seconds to answer.
    OutsideSlow = "outside-slow", 0.05,
    /// An outside party answers with status 500, 502, 503 or 429 and does nothing.
    OutsideFails = "outside-fails", 0.05,
    /// An outside party does what it is asked for, and its answer is lost.
    OutsideLost = "outside-lost", 0.03,
    /// The function's code is replaced: for 10 minutes old and new run side by side.
    Deploy = "deploy", 0.3,
    /// The clock of an environment is wrong by up to 2 seconds.
    ClockSkew = "clock-skew", 0.2,
    /// Something that the workflow says may be down (the relay, the journal) is down for an hour.
    Outage = "outage", 0.1,
    /// A table, a queue, the bus or a state machine refuses everything for 10 to 60 seconds: longer than calls are tried in place.
    Burst = "burst", 0.04,
    /// A table's eventually consistent reads, and its global indexes, lag up to 2 seconds behind for 30 to 300 seconds. Not where
    /// everything that records the journal runs.
    StaleRead = "stale-read", 0.15,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no fault has.
#[derive(Debug, thiserror::Error)]
#[error("there is no fault `{0}`; there are {names}", names = names())]
pub struct UnknownFault(pub(crate) String);

fn names() -> String {
    Fault::ALL.iter().map(|fault| fault.name()).collect::<Vec<_>>().join(", ")
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        let found = Self::ALL.iter().find(|fault| fault.name() == name);
        found.copied().ok_or_else(|| UnknownFault(name.to_owned()))
    }
}
