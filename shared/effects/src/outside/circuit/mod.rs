//! A circuit breaker on an outside dependency, shared by all who call it.

mod breaker;
mod memory;
mod news;
mod pass;
mod row;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use throughline_telemetry::JournalLine;

pub use breaker::Breaker;
pub(crate) use memory::Memory;
pub(super) use pass::Pass;

use crate::failure::Failure;
use crate::world::World;
use row::{Phase, Row, State, Turn};

/// How long a probe may take before another may probe.
const PROBE: SignedDuration = SignedDuration::from_secs(30);
/// Clocks of two functions may differ by that much.
const SKEW: SignedDuration = SignedDuration::from_secs(2);

/// The circuit to an outside dependency: while calls fail, none is made.
///
/// Its state is a row that all functions and environments share. **Closed**, calls are made; an environment reads the row every five
/// seconds at most, and a success costs nothing. A transient failure of a call (no answer, 429, 5xx) is counted; a refusal is an
/// answer. When the [`Breaker`] trips the circuit is **open**: calls are refused without being made, as transient
/// `circuit_open` with the time until the next probe. Then one call, and only one, goes through: **half-open**. Its success closes the
/// circuit, its failure opens it for longer.
///
/// A failure that meets an open circuit, or opens it, counts as no attempt at the event.
///
/// It fails **open**: where the row cannot be read or written, the call is made. A breaker spares retries; it must not be what
/// stops the work.
///
/// ```text
///   A ── call ✗ ── count: 5 of 5 ── open, epoch 1        B ── looks: open ── refused until the probe
///   A ── time is up ── claim, epoch 2 ── call ✓ ── close  B ── claim ✗ half-open ── refused
///   A ── claim, epoch 2 ── call … ── close ✗ epoch 3      B ── probe is over: claim, epoch 3 ── call ✗ ── open
///                             └ `fenced` in the journal
/// ```
#[derive(Debug, Clone)]
pub struct Circuit {
    world: World,
    /// None: every call is made, and nothing is counted.
    breaker: Option<Breaker>,
    caller: JournalLine,
    deadline: Option<Timestamp>,
}

impl Circuit {
    /// The circuit that `breaker` rules over, for a function.
    #[must_use]
    pub fn new(world: &World, function: &str, breaker: Breaker) -> Self {
        Self { breaker: Some(breaker), ..Self::without_breaker(world, function) }
    }

    /// A circuit that is always closed: of a dependency for which the function declares no breaker.
    #[must_use]
    pub fn without_breaker(world: &World, function: &str) -> Self {
        let caller = JournalLine { function: function.to_owned(), ..JournalLine::default() };
        Self { world: world.clone(), breaker: None, caller, deadline: None }
    }

    /// On whose behalf calls are made: what a journal line about the circuit says of its event and invocation.
    #[must_use]
    pub fn on_behalf_of(self, caller: JournalLine) -> Self {
        Self { caller: JournalLine { function: self.caller.function, ..caller }, ..self }
    }

    /// When the function ends: a probe has ended by then.
    #[must_use]
    pub fn until(self, deadline: Timestamp) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// Makes a call that needs no `once`, such as a question, unless the circuit is open.
    ///
    /// A call whose future is dropped, because the function's time was up, is not counted: let its own time-out be shorter.
    ///
    /// # Errors
    /// The call's own failure. Transient `circuit_open` where the call was not made.
    pub async fn call<T>(&self, call: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        self.admit().await?.watch(call).await
    }

    /// Lets a call pass, or refuses it.
    pub(super) async fn admit(&self) -> Result<Pass<'_>, Failure> {
        let Some(breaker) = &self.breaker else { return Ok(Pass::free(self, None)) };
        match self.phase(breaker).await {
            Phase::Closed => Ok(Pass::free(self, Some(breaker))),
            Phase::Open { until } | Phase::HalfOpen { until } if until > self.now() => {
                Err(self.refusal(breaker, until))
            }
            Phase::Open { .. } | Phase::HalfOpen { .. } => self.probe(breaker).await,
        }
    }

    /// What is known of the circuit, after a look at its row where that is due.
    async fn phase(&self, breaker: &Breaker) -> Phase {
        if let Some(phase) = self.world.circuits().recall(breaker.dependency(), self.now()) {
            return phase;
        }
        let phase = match self.row(breaker).read().await {
            Ok(state) => state.phase,
            Err(failure) => self.unknown(breaker, &failure),
        };
        self.saw(breaker, phase);
        phase
    }

    /// Asks to be the one whose call goes through.
    async fn probe<'a>(&'a self, breaker: &'a Breaker) -> Result<Pass<'a>, Failure> {
        let latest = self.now() + PROBE;
        let until = self.deadline.map_or(latest, |deadline| deadline.min(latest)) + SKEW;
        let owner = self.world.ambient().uuid7().to_string();
        match self.row(breaker).claim(&owner, until).await {
            Ok(Ok(state)) => {
                self.saw(breaker, state.phase);
                self.half_open(breaker);
                let turn = Turn { owner, epoch: state.epoch };
                Ok(Pass::probe(self, breaker, turn, state.openings))
            }
            Ok(Err(met)) => {
                self.saw(breaker, met.phase);
                match met.phase {
                    Phase::Closed => Ok(Pass::free(self, Some(breaker))),
                    Phase::Open { until } | Phase::HalfOpen { until } => Err(self.refusal(breaker, until)),
                }
            }
            Err(failure) => {
                self.unknown(breaker, &failure);
                Ok(Pass::free(self, Some(breaker)))
            }
        }
    }

    fn refusal(&self, breaker: &Breaker, until: Timestamp) -> Failure {
        let after = self.time_until(until);
        let cause = format!("no calls of {} are made for {} ms more", breaker.dependency(), after.as_millis());
        Failure::transient("circuit_open", cause).of_open_circuit(after)
    }

    /// A row that cannot be reached: calls are made.
    fn unknown(&self, breaker: &Breaker, failure: &Failure) -> Phase {
        let dependency = breaker.dependency();
        tracing::warn!(dependency, cause = failure.cause(), "the circuit's state is not known; calls are made");
        Phase::Closed
    }

    fn row<'a>(&'a self, breaker: &'a Breaker) -> Row<'a> {
        Row { world: &self.world, dependency: breaker.dependency(), function: &self.caller.function }
    }

    fn saw(&self, breaker: &Breaker, phase: Phase) {
        self.world.circuits().saw(breaker.dependency(), phase, self.now());
    }

    fn now(&self) -> Timestamp {
        self.world.ambient().now()
    }

    fn time_until(&self, time: Timestamp) -> Duration {
        Duration::try_from(time.duration_since(self.now())).unwrap_or_default()
    }
}
