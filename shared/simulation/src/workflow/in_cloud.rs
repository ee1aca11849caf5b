//! Faults that strike in the cloud: on deliveries, on runs of functions, and as refusals in the services' own words.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use throughline_sandbox::faults::{
    Call, Delivery, DeliveryFault, Execution, ExecutionFault, Faults, Hop, RequestFault,
};

use super::id::WorkflowId;
use super::plan::{Fault, Plan, Site};

tokio::task_local! {
    /// How the request that this task brings to the cloud is refused.
    static REFUSAL: Refusal;
}

/// How a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Too many requests.
    Throttled,
    /// The service failed.
    Unavailable,
    /// The first entry of a batch is not done, and the answer says so.
    Partly,
    /// Another transaction has an item: the how-manieth, counted round.
    Conflict(u64),
}

/// Sends a request that is refused, if so, when it comes to the cloud.
pub(crate) async fn refused<T>(refusal: Option<Refusal>, sent: impl Future<Output = T>) -> T {
    match refusal {
        Some(refusal) => REFUSAL.scope(refusal, sent).await,
        None => sent.await,
    }
}

/// What the cloud asks.
pub(crate) struct InCloud {
    plan: Arc<Plan>,
    /// What physical names begin with.
    prefix: String,
}

impl InCloud {
    pub(crate) fn new(plan: &Arc<Plan>, stack: &str) -> Self {
        Self { plan: plan.clone(), prefix: format!("{stack}-") }
    }

    fn short<'a>(&self, name: &'a str) -> &'a str {
        let name = name.strip_suffix(":$LATEST").unwrap_or(name);
        let name = name.rsplit([':', '/']).next().unwrap_or(name);
        name.strip_prefix(&self.prefix).unwrap_or(name)
    }

    /// A time between two, if the fault strikes here.
    fn time(&self, fault: Fault, site: &Site<'_>, millis: (u64, u64)) -> Option<Duration> {
        let (from, to) = (Duration::from_millis(millis.0), Duration::from_millis(millis.1));
        self.plan.strikes(fault, site).then(|| self.plan.time(fault, site, from, to))
    }
}

/// What a way is called where faults are listed.
const fn name(hop: Hop) -> &'static str {
    match hop {
        Hop::Message => "message",
        Hop::OrderedMessage => "ordered message",
        Hop::Event => "event",
        Hop::Asynchronous => "asynchronous event",
        Hop::Records => "records of a stream",
        Hop::LogLines => "log lines",
        _ => "delivery",
    }
}

impl Faults for InCloud {
    fn request(&self, call: &Call<'_>) -> Option<RequestFault> {
        match REFUSAL.try_with(|refusal| *refusal).ok()? {
            Refusal::Throttled => Some(RequestFault::throttled(call.service)),
            Refusal::Unavailable => Some(RequestFault::unavailable(call.service)),
            Refusal::Partly => Some(RequestFault::Partly(vec![0])),
            Refusal::Conflict(which) => {
                let items = call.input.get("TransactItems")?.as_array()?.len();
                RequestFault::conflict(call, &[usize::try_from(which).ok()?.checked_rem(items)?])
            }
        }
    }

    fn delivery(&self, delivery: &Delivery<'_>) -> Option<DeliveryFault> {
        // A message comes from its queue, everything else goes to its target.
        let place = self.short(if delivery.to.is_empty() { delivery.from } else { delivery.to });
        let site = self.plan.site(place, name(delivery.hop), WorkflowId::find(delivery.payload));
        let twice = delivery.hop.may_come_twice().then(|| self.time(Fault::Duplicate, &site, (0, 60_000))).flatten();
        if let Some(after) = twice {
            return Some(DeliveryFault::Twice { after });
        }
        let late = self.time(Fault::Reorder, &site, (50, 5_000));
        late.or_else(|| self.time(Fault::Delay, &site, (10_000, 600_000))).map(DeliveryFault::Late)
    }

    fn execution(&self, execution: &Execution<'_>) -> Option<ExecutionFault> {
        let workflow = WorkflowId::find(execution.payload);
        let site = self.plan.site(self.short(execution.function), "Invoke", workflow);
        if self.plan.strikes(Fault::Refused, &site) {
            return Some(ExecutionFault::Refuse);
        }
        if self.plan.strikes(Fault::LambdaFails, &site) {
            return Some(ExecutionFault::Unavailable);
        }
        if self.plan.strikes(Fault::ResponseLost, &site) {
            return Some(ExecutionFault::LoseAnswer);
        }
        let late = self.plan.strikes(Fault::SlowStart, &site);
        let (from, to) = (Duration::from_millis(100), Duration::from_secs(5));
        late.then(|| ExecutionFault::Late(self.plan.time(Fault::SlowStart, &site, from, to)))
    }
}

impl fmt::Debug for InCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InCloud").field("plan", &self.plan).finish_non_exhaustive()
    }
}
