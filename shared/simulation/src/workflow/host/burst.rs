//! A resource that refuses everything for a while: a hot table, a queue over its quota, a service that is not well.

use std::ops::Range;
use std::time::Duration;

use jiff::Timestamp;
use throughline_sandbox::template::Topology;

use crate::workflow::in_cloud::Refusal;
use crate::workflow::plan::{Fault, Plan};

/// How long it refuses. A request is tried again in place for a second or two.
const LASTS: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60));

/// A time in which a resource refuses everything that functions ask of it.
#[derive(Debug)]
pub(crate) struct Burst {
    /// Its physical name.
    pub(super) resource: String,
    pub(super) time: Range<Timestamp>,
    pub(super) refusal: Refusal,
}

impl Burst {
    /// Those of a run whose work begins within `span`.
    pub(crate) fn all(plan: &Plan, topology: &Topology, stack: &str, span: Duration) -> Vec<Self> {
        let tables = topology.tables.iter().map(|table| ("table", &table.name));
        let queues = topology.queues.iter().map(|queue| ("queue", &queue.name));
        let buses = topology.buses.iter().map(|bus| ("bus", &bus.name));
        let machines = topology.state_machines.iter().map(|machine| ("state machine", &machine.name));
        let all = tables.chain(queues).chain(buses).chain(machines);
        all.filter_map(|(kind, name)| Self::of(plan, kind, name, stack, span)).collect()
    }

    fn of(plan: &Plan, kind: &str, name: &str, stack: &str, span: Duration) -> Option<Self> {
        let short = name.strip_prefix(stack).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name);
        let site = plan.site(short, kind, None);
        let time = plan.window(Fault::Burst, &site, span, LASTS)?;
        let refusal = match plan.way(Fault::Burst, &site, 2) {
            0 => Refusal::Throttled,
            _ => Refusal::Unavailable,
        };
        Some(Self { resource: name.to_owned(), time, refusal })
    }
}
