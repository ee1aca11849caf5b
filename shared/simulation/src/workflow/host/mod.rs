//! The workflow's functions in this process: what their `main`s do, without the Runtime API, and with everything that can
//! happen to a process.

mod burst;
mod call;
mod environment;
mod evidence;
mod function;
mod lag;
mod process;
mod wire;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use throughline_runtime::Function;
use throughline_sandbox::Cloud;
use throughline_sandbox::connector::{HostHandler, InProcess as Http};
use throughline_sandbox::lambda::InProcess;

use super::in_cloud::Refusal;
use super::journal::Lines;
use super::plan::{Fault, Plan};
use function::Hosted;

pub(crate) use burst::Burst;
pub use call::{Call, Hook, Turn};
pub(crate) use lag::Lags;

/// From a function's name in the code to its code.
pub type Code = Arc<dyn Fn(&str) -> Option<Function> + Send + Sync>;

/// How long old and new code run side by side.
const DEPLOYING: Duration = Duration::from_secs(600);

/// A function in the template whose code nobody knows.
#[derive(Debug, thiserror::Error)]
#[error("the template names the function {0}, whose code is not known")]
pub struct UnknownFunction(String);

/// Runs the functions of a cloud in this process.
pub struct Host {
    cloud: Cloud,
    code: Code,
    old_code: Option<Code>,
    http: Http,
    seed: u64,
    hook: Option<Hook>,
    journal: Arc<Lines>,
    logs: bool,
    plan: Option<Arc<Plan>>,
    span: Duration,
    outages: BTreeMap<String, Range<Timestamp>>,
    bursts: Vec<Burst>,
    lags: Lags,
    /// Shared with each request that is under way, so that they are counted.
    on_its_way: Arc<()>,
}

impl Host {
    /// Runs `code` in `cloud`. Ids and waits come from `seed`; everything written goes to the log groups.
    pub fn new(cloud: &Cloud, code: Code, seed: u64) -> Self {
        Self {
            cloud: cloud.clone(),
            code,
            old_code: None,
            http: Http::new(cloud),
            seed,
            hook: None,
            journal: Arc::default(),
            logs: true,
            plan: None,
            span: Duration::ZERO,
            outages: BTreeMap::new(),
            bursts: Vec::new(),
            lags: Lags::default(),
            on_its_way: Arc::default(),
        }
    }

    /// An outside party: requests to `host` (a name without port) go to `handler`.
    #[must_use]
    pub fn outside(mut self, host: impl Into<String>, handler: HostHandler) -> Self {
        self.http = self.http.host(host, handler);
        self
    }

    /// Every request of a function is shown to the hook before it is sent.
    #[must_use]
    pub fn hook(mut self, hook: Hook) -> Self {
        self.hook = Some(hook);
        self
    }

    /// One thing that functions have sent and that has not arrived, for a person.
    pub(crate) fn pending(&self) -> Option<String> {
        let count = Arc::strong_count(&self.on_its_way) - 1;
        (count > 0).then(|| format!("{count} requests of functions"))
    }

    /// What functions wrote to their journals.
    pub(crate) fn journal(&self) -> Arc<Lines> {
        self.journal.clone()
    }

    /// Keeps the journal in memory only: nothing is written to the log groups.
    pub(crate) fn in_memory(mut self) -> Self {
        self.logs = false;
        self
    }

    /// Faults strike as planned, in a run whose work begins within `span`.
    pub(crate) fn faults(mut self, plan: &Arc<Plan>, span: Duration) -> Self {
        self.plan = Some(plan.clone());
        self.span = span;
        self
    }

    pub(crate) fn old_code(mut self, code: Option<Code>) -> Self {
        self.old_code = code;
        self
    }

    /// Functions and tables (by the names they have in the code) that are down in these times.
    pub(crate) fn outages(mut self, outages: BTreeMap<String, Range<Timestamp>>) -> Self {
        self.outages = outages;
        self
    }

    /// Resources that refuse everything for a while.
    pub(crate) fn bursts(mut self, bursts: Vec<Burst>) -> Self {
        self.bursts = bursts;
        self
    }

    /// Tables whose eventually consistent reads lag behind.
    pub(crate) fn lags(mut self, lags: Lags) -> Self {
        self.lags = lags;
        self
    }

    /// The code of the function called `name`, as the local cloud runs it.
    ///
    /// # Errors
    /// Nobody knows it.
    pub fn function(self: &Arc<Self>, name: &str) -> Result<Arc<dyn InProcess>, UnknownFunction> {
        let code = (self.code)(name).ok_or_else(|| UnknownFunction(name.to_owned()))?;
        let deploy = self.old_code.as_ref().and_then(|old| self.deploy(name, old(name)?));
        Ok(Arc::new(Hosted::new(self.clone(), name, code, deploy)))
    }

    /// The old code, and the time in which it is replaced, if that happens at all.
    fn deploy(&self, name: &str, old: Function) -> Option<(Function, Range<Timestamp>)> {
        let plan = self.plan.as_ref()?;
        Some((old, plan.window(Fault::Deploy, &plan.site(name, "window", None), self.span, (DEPLOYING, DEPLOYING))?))
    }

    /// How a request is refused because one of the resources that it names, by their physical names, is not well. They are not
    /// looked for when all are.
    fn not_well(&self, resources: impl FnOnce() -> Vec<String>) -> Option<Refusal> {
        let now = self.cloud.clock().now();
        if self.outages.is_empty() && !self.bursts.iter().any(|burst| burst.time.contains(&now)) {
            return None;
        }
        let resources = resources();
        if resources.iter().any(|name| name.split_once('-').is_some_and(|(_, short)| self.is_down(short))) {
            return Some(Refusal::Unavailable);
        }
        let burst = self.bursts.iter().find(|burst| burst.time.contains(&now) && resources.contains(&burst.resource));
        burst.map(|burst| burst.refusal)
    }

    fn is_down(&self, name: &str) -> bool {
        self.outages.get(name).is_some_and(|hour| hour.contains(&self.cloud.clock().now()))
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("seed", &self.seed).field("outages", &self.outages).finish_non_exhaustive()
    }
}
