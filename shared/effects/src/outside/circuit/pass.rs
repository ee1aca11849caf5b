//! A call that may be made, and what comes of it.

use jiff::Timestamp;

use super::{Breaker, Circuit, Phase, State, Turn};
use crate::failure::{Class, Failure};

/// The permission to make one call.
#[must_use]
pub(in crate::outside) struct Pass<'a> {
    circuit: &'a Circuit,
    breaker: Option<&'a Breaker>,
    began: Timestamp,
    probe: Option<Probe>,
}

/// The one call that goes through a half-open circuit.
struct Probe {
    turn: Turn,
    openings: u32,
}

impl<'a> Pass<'a> {
    pub(super) fn free(circuit: &'a Circuit, breaker: Option<&'a Breaker>) -> Self {
        Self { circuit, breaker, began: circuit.now(), probe: None }
    }

    pub(super) fn probe(circuit: &'a Circuit, breaker: &'a Breaker, turn: Turn, openings: u32) -> Self {
        Self { probe: Some(Probe { turn, openings }), ..Self::free(circuit, Some(breaker)) }
    }

    /// Makes the call and settles what it says of the dependency. A failure that leaves the circuit open counts as no attempt.
    pub(in crate::outside) async fn watch<T>(
        self,
        call: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let result = call.await;
        let Some(breaker) = self.breaker else { return result };
        let failed = result.as_ref().err().filter(|failure| matches!(failure.class(), Class::Transient { .. }));
        let phase = match (&self.probe, failed) {
            (Some(probe), None) => self.closes(breaker, probe).await,
            (Some(probe), Some(failure)) => self.reopens(breaker, probe, failure).await,
            (None, Some(failure)) => self.counts(breaker, failure).await,
            (None, None) => {
                let now = self.circuit.now();
                self.circuit.world.circuits().succeeded(breaker.dependency(), breaker.window_length(), now);
                return result;
            }
        };
        self.circuit.saw(breaker, phase);
        match phase {
            Phase::Open { until } | Phase::HalfOpen { until } if failed.is_some() => {
                let after = self.circuit.time_until(until);
                result.map_err(|failure| failure.of_open_circuit(after))
            }
            _ => result,
        }
    }

    /// The call was not made after all: whoever comes next may probe.
    pub(in crate::outside) async fn unused(self) {
        let (Some(breaker), Some(probe)) = (self.breaker, &self.probe) else { return };
        let until = self.circuit.now();
        match self.circuit.row(breaker).reopen(&probe.turn, until, probe.openings).await {
            Ok(Ok(state) | Err(state)) => self.circuit.saw(breaker, state.phase),
            Err(failure) => self.unsettled(breaker, &failure),
        }
    }

    async fn closes(&self, breaker: &Breaker, probe: &Probe) -> Phase {
        match self.circuit.row(breaker).close(&probe.turn).await {
            Ok(Ok(state)) => {
                self.circuit.closed(breaker, self.began);
                state.phase
            }
            Ok(Err(met)) => self.stale(breaker, probe, &met),
            Err(failure) => {
                self.unsettled(breaker, &failure);
                Phase::Closed
            }
        }
    }

    async fn reopens(&self, breaker: &Breaker, probe: &Probe, failed: &Failure) -> Phase {
        let openings = probe.openings.saturating_add(1);
        let until = self.circuit.now() + breaker.period(openings, self.circuit.world.ambient());
        match self.circuit.row(breaker).reopen(&probe.turn, until, openings).await {
            Ok(Ok(state)) => {
                self.circuit.opened(breaker, until, &format!("the probe failed: {failed}"));
                state.phase
            }
            Ok(Err(met)) => self.stale(breaker, probe, &met),
            Err(failure) => {
                self.unsettled(breaker, &failure);
                Phase::Open { until }
            }
        }
    }

    async fn counts(&self, breaker: &Breaker, failed: &Failure) -> Phase {
        let circuits = self.circuit.world.circuits();
        let successes = circuits.take_successes(breaker.dependency(), breaker.window_length(), self.circuit.now());
        let counted = self.circuit.row(breaker).count(self.began, successes, breaker.window_length()).await;
        match counted {
            Ok(Ok(state)) if breaker.trips(state.failures, state.successes) => {
                self.opens(breaker, &state, failed).await
            }
            Ok(Ok(state) | Err(state)) => state.phase,
            Err(failure) => {
                self.unsettled(breaker, &failure);
                Phase::Closed
            }
        }
    }

    async fn opens(&self, breaker: &Breaker, state: &State, failed: &Failure) -> Phase {
        let ambient = self.circuit.world.ambient();
        let until = self.circuit.now() + breaker.period(1, ambient);
        let turn = Turn { owner: ambient.uuid7().to_string(), epoch: state.epoch };
        let all = state.failures.saturating_add(state.successes);
        let cause = format!("{} of {all} calls failed, the last: {failed}", state.failures);
        match self.circuit.row(breaker).open(&turn, until, &cause).await {
            Ok(Ok(state)) => {
                self.circuit.opened(breaker, until, &cause);
                state.phase
            }
            Ok(Err(met)) => met.phase,
            Err(failure) => {
                self.unsettled(breaker, &failure);
                Phase::Closed
            }
        }
    }

    /// Another has probed since: what this probe found decides nothing.
    fn stale(&self, breaker: &Breaker, probe: &Probe, met: &State) -> Phase {
        self.circuit.fenced(breaker, probe.turn.epoch);
        met.phase
    }

    fn unsettled(&self, breaker: &Breaker, failure: &Failure) {
        let dependency = breaker.dependency();
        tracing::warn!(dependency, cause = failure.cause(), "what a call said of the circuit was not written down");
    }
}
