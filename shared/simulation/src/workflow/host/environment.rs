//! An execution environment: a process and the world that its function runs in.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use jiff::{SignedDuration, Timestamp};
use throughline_effects::{Clients, Settings, SettingsError, World};
use throughline_envelope::Ambient;
use throughline_sandbox::Clock;
use throughline_sandbox::lambda::{Invocation, LogWriter};
use throughline_telemetry::{Journal, Sink};

use super::Host;
use super::process::Process;
use super::wire::Wire;
use crate::workflow::dice::{hash, join};
use crate::workflow::journal::Lines;
use crate::workflow::plan::Fault;

/// How far a clock may be wrong.
const SKEW: Duration = Duration::from_secs(2);

/// An environment of a function.
pub(super) struct Environment {
    pub(super) world: World,
    pub(super) process: Arc<Process>,
    /// What its clock shows beyond the time.
    pub(super) skew: SignedDuration,
    /// It runs the code from before the deployment.
    pub(super) is_old: bool,
}

impl Environment {
    /// The `number`th environment of a function.
    pub(super) fn start(
        host: &Arc<Host>,
        name: &str,
        number: u32,
        is_old: bool,
        invocation: &Invocation,
    ) -> Result<Self, SettingsError> {
        let process = Arc::<Process>::default();
        let skew = skew(host, name);
        let seed = join(join(host.seed, hash(name)), u64::from(number));
        let ambient = Ambient::with_clock(Arc::new(Skewed { clock: host.cloud.clock(), skew }), seed);
        let log = host.logs.then(|| invocation.log.clone());
        let journal = Journal::to(Arc::new(Output { journal: host.journal.clone(), log }), &ambient);
        let http = SharedHttpConnector::new(Wire::new(host.clone(), name, process.clone()));
        let settings = Settings::from_map(invocation.environment.clone());
        // The cloud of a simulation looks at no signature.
        let clients = Clients::unsigned(&settings, &http, &ambient)?;
        let world = World::with_clients(settings, name, clients, http, ambient, journal);
        Ok(Self { world, process, skew, is_old })
    }
}

/// How wrong the clock of an environment is that starts now.
fn skew(host: &Host, name: &str) -> SignedDuration {
    let Some(plan) = &host.plan else { return SignedDuration::ZERO };
    let site = plan.site(name, "clock", None);
    if !plan.strikes(Fault::ClockSkew, &site) {
        return SignedDuration::ZERO;
    }
    let by = SignedDuration::try_from(plan.time(Fault::ClockSkew, &site, Duration::ZERO, SKEW)).unwrap_or_default();
    if plan.way(Fault::ClockSkew, &site, 2) == 0 { by } else { -by }
}

struct Skewed {
    clock: Clock,
    skew: SignedDuration,
}

impl throughline_envelope::Clock for Skewed {
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        now.checked_add(self.skew).unwrap_or(now)
    }
}

/// Standard output: kept, and sent to the log group if there is one.
struct Output {
    journal: Arc<Lines>,
    log: Option<LogWriter>,
}

impl Sink for Output {
    fn line(&self, line: &str) {
        self.journal.line(line);
        if let Some(log) = &self.log {
            log.line(line);
        }
    }
}
