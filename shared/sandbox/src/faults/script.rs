//! A plan that a test writes down: the nth of these gets that.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Call, Delivery, DeliveryFault, Execution, ExecutionFault, Faults, Hop, RequestFault};
use crate::cloud::Service;

/// Faults written down one by one. Each happens once.
///
/// ```
/// # use throughline_sandbox::{Service, faults::{RequestFault, Script}};
/// let script = Script::new()
///     .request(Service::DynamoDb, "TransactWriteItems", 2, RequestFault::LoseAnswer)
///     .request_by("orders-charge", Service::Sqs, "SendMessage", 1, RequestFault::throttled(Service::Sqs));
/// assert_eq!(script.left().len(), 2);
/// ```
#[derive(Debug, Default)]
pub struct Script {
    lines: Mutex<Vec<Line>>,
}

/// One fault, and how many of its kind are let through before.
#[derive(Debug)]
struct Line {
    what: What,
    nth: u64,
    seen: u64,
}

#[derive(Debug)]
enum What {
    Request { function: Option<String>, service: Service, operation: String, fault: RequestFault },
    Delivery { hop: Hop, fault: DeliveryFault },
    Execution { function: String, fault: ExecutionFault },
}

impl Script {
    /// A script without faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The `nth` request (from 1) for this operation, whoever asks.
    #[must_use]
    pub fn request(self, service: Service, operation: &str, nth: u64, fault: RequestFault) -> Self {
        let operation = operation.to_owned();
        self.line(nth, What::Request { function: None, service, operation, fault })
    }

    /// The `nth` request (from 1) for this operation by runs of a function in this process.
    #[must_use]
    pub fn request_by(self, function: &str, service: Service, operation: &str, nth: u64, fault: RequestFault) -> Self {
        let (function, operation) = (Some(function.to_owned()), operation.to_owned());
        self.line(nth, What::Request { function, service, operation, fault })
    }

    /// The `nth` delivery (from 1) of this kind.
    #[must_use]
    pub fn delivery(self, hop: Hop, nth: u64, fault: DeliveryFault) -> Self {
        self.line(nth, What::Delivery { hop, fault })
    }

    /// The `nth` run (from 1) of a function.
    #[must_use]
    pub fn execution(self, function: &str, nth: u64, fault: ExecutionFault) -> Self {
        self.line(nth, What::Execution { function: function.to_owned(), fault })
    }

    /// What has not happened yet, for a person. A test that ends with some left has not tested it.
    pub fn left(&self) -> Vec<String> {
        self.lines().iter().filter(|line| line.seen < line.nth).map(|line| format!("{line:?}")).collect()
    }

    fn line(self, nth: u64, what: What) -> Self {
        self.lines().push(Line { what, nth, seen: 0 });
        self
    }

    fn lines(&self) -> MutexGuard<'_, Vec<Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts for every line that `pick` chooses; the fault of the first whose turn it is.
    fn next<F>(&self, pick: impl Fn(&What) -> Option<F>) -> Option<F> {
        let mut due = None;
        for line in &mut *self.lines() {
            let Some(fault) = pick(&line.what) else { continue };
            line.seen += 1;
            if line.seen == line.nth {
                due.get_or_insert(fault);
            }
        }
        due
    }
}

impl Faults for Script {
    fn request(&self, call: &Call<'_>) -> Option<RequestFault> {
        self.next(|what| match what {
            What::Request { function, service, operation, fault } => {
                let by = function.as_deref().is_none_or(|f| call.caller.is_some_and(|caller| caller.function == f));
                (by && *service == call.service && operation == call.operation).then(|| fault.clone())
            }
            _ => None,
        })
    }

    fn delivery(&self, delivery: &Delivery<'_>) -> Option<DeliveryFault> {
        self.next(|what| match what {
            What::Delivery { hop, fault } => (*hop == delivery.hop).then_some(*fault),
            _ => None,
        })
    }

    fn execution(&self, execution: &Execution<'_>) -> Option<ExecutionFault> {
        self.next(|what| match what {
            What::Execution { function, fault } => (function == execution.function).then_some(*fault),
            _ => None,
        })
    }
}
