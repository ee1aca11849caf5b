//! What is simulated.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use throughline_runtime::Function;
use throughline_sandbox::connector::HostHandler;

use super::dice::Rng;
use super::host::{Call, Code, Hook, Turn};
use super::id::WorkflowId;
use super::start::Start;
use super::view::View;

/// What an invariant found that should not be. Texts that name a workflow (`wf000012`) let the report show its life cycle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Broken(String);

impl Broken {
    /// What was found.
    pub fn new(found: impl Into<String>) -> Self {
        Self(found.into())
    }
}

/// A check of what is left when nothing is under way.
pub(crate) type Check = Arc<dyn Fn(&View) -> Result<(), Broken> + Send + Sync>;
/// How a workflow is started.
pub(crate) type Workload = Arc<dyn Fn(&mut Rng, WorkflowId) -> Start + Send + Sync>;

/// A workflow, and what has to be true of it. It is described anew for every seed, so that what it holds (an outside party's
/// books) is that seed's own.
#[must_use]
pub struct Workflow {
    pub(crate) code: Code,
    pub(crate) old_code: Option<Code>,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) outside: Vec<(String, HostHandler)>,
    pub(crate) rows: Vec<(String, Map<String, Value>)>,
    pub(crate) workload: Workload,
    pub(crate) invariants: Vec<(String, Check)>,
    pub(crate) always: Vec<(String, Check)>,
    /// The tables that `always` looks at.
    pub(crate) looked_at: BTreeSet<String>,
    pub(crate) may_be_down: Vec<(String, Vec<String>)>,
    pub(crate) hook: Option<Hook>,
    pub(crate) every: Duration,
}

impl Workflow {
    /// `code` is a function's code by the name that it has there; `workload` says how the simulated workflow with that id is
    /// started.
    pub fn new(
        code: impl Fn(&str) -> Option<Function> + Send + Sync + 'static,
        workload: impl Fn(&mut Rng, WorkflowId) -> Start + Send + Sync + 'static,
    ) -> Self {
        Self {
            code: Arc::new(code),
            old_code: None,
            parameters: BTreeMap::new(),
            outside: Vec::new(),
            rows: Vec::new(),
            workload: Arc::new(workload),
            invariants: Vec::new(),
            always: Vec::new(),
            looked_at: BTreeSet::new(),
            may_be_down: Vec::new(),
            hook: None,
            every: Duration::from_millis(200),
        }
    }

    /// Other code than that which it was made with: another way to do the same.
    pub fn code(mut self, code: impl Fn(&str) -> Option<Function> + Send + Sync + 'static) -> Self {
        self.code = Arc::new(code);
        self.old_code = None;
        self
    }

    /// The code from before a deployment, of functions that had another: in some runs they are replaced while orders come in.
    pub fn old_code(mut self, code: impl Fn(&str) -> Option<Function> + Send + Sync + 'static) -> Self {
        self.old_code = Some(Arc::new(code));
        self
    }

    /// A parameter of the template.
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.insert(name.to_owned(), value.to_owned());
        self
    }

    /// An outside party: functions' requests to this host (without port) go to the handler.
    pub fn outside(mut self, host: &str, handler: HostHandler) -> Self {
        self.outside.push((host.to_owned(), handler));
        self
    }

    /// A row that is in a table before anything begins. `table` is its name in the code; anything but an object is no row, and
    /// ignored.
    pub fn given(mut self, table: &str, row: Value) -> Self {
        if let Value::Object(row) = row {
            self.rows.push((table.to_owned(), row));
        }
        self
    }

    /// What has to be true whenever nothing is under way.
    pub fn invariant(
        mut self,
        name: &str,
        check: impl Fn(&View) -> Result<(), Broken> + Send + Sync + 'static,
    ) -> Self {
        self.invariants.push((name.to_owned(), Arc::new(check)));
        self
    }

    /// What has to be true at every moment, also while faults strike: it is looked at now and then while workflows are under way,
    /// and at the end. Then the view has these tables (by their names in the code) as they are at one moment, and nothing else.
    pub fn always(
        mut self,
        name: &str,
        tables: &[&str],
        check: impl Fn(&View) -> Result<(), Broken> + Send + Sync + 'static,
    ) -> Self {
        self.always.push((name.to_owned(), Arc::new(check)));
        self.looked_at.extend(tables.iter().map(|table| (*table).to_owned()));
        self
    }

    /// Functions and tables, by the names that they have in the code, that may be down together for an hour.
    pub fn may_be_down(mut self, name: &str, parts: &[&str]) -> Self {
        self.may_be_down.push((name.to_owned(), parts.iter().map(|part| (*part).to_owned()).collect()));
        self
    }

    /// Every request of a function is shown to the hook before it is sent: how a guarantee is broken on purpose.
    pub fn hook(mut self, hook: impl Fn(&Call<'_>) -> Turn + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// The time between two workflows' beginnings, on average; 200 ms unless set.
    pub fn every(mut self, time: Duration) -> Self {
        self.every = time;
        self
    }
}

impl fmt::Debug for Workflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let invariants: Vec<_> = self.invariants.iter().map(|(name, _)| name).collect();
        f.debug_struct("Workflow").field("invariants", &invariants).finish_non_exhaustive()
    }
}
