//! What the journal and the metrics hear of a circuit.

use jiff::Timestamp;
use throughline_telemetry::{JournalLine, Metrics, Stage};

use super::{Breaker, Circuit};

impl Circuit {
    /// It opened, until then.
    pub(super) fn opened(&self, breaker: &Breaker, until: Timestamp, cause: &str) {
        let after = u64::try_from(self.time_until(until).as_millis()).unwrap_or(u64::MAX);
        let line = self.line(breaker, Stage::CircuitOpened, cause.to_owned());
        self.world.journal().write(JournalLine { retry_after_ms: Some(after), ..line });
        self.count(Metrics::circuit_opened);
    }

    /// One call goes through.
    pub(super) fn half_open(&self, breaker: &Breaker) {
        let cause = format!("one call goes to {}", breaker.dependency());
        self.world.journal().write(self.line(breaker, Stage::CircuitHalfOpen, cause));
    }

    /// The call that went through at `began` was answered.
    pub(super) fn closed(&self, breaker: &Breaker, began: Timestamp) {
        let took = self.now().duration_since(began).as_millis();
        let cause = format!("{} answered the probe in {took} ms", breaker.dependency());
        self.world.journal().write(self.line(breaker, Stage::CircuitClosed, cause));
        self.count(Metrics::circuit_closed);
    }

    /// A probe ended after another had begun.
    pub(super) fn fenced(&self, breaker: &Breaker, epoch: u64) {
        let cause = format!("the probe of {} (epoch {epoch}) ended after its time was over", breaker.dependency());
        let line = self.line(breaker, Stage::Fenced, cause);
        self.world.journal().write(JournalLine { code: Some("stale_probe".to_owned()), ..line });
        self.count(Metrics::stale_holder);
    }

    fn line(&self, breaker: &Breaker, stage: Stage, cause: String) -> JournalLine {
        let dependency = Some(breaker.dependency().to_owned());
        JournalLine { stage, dependency, cause: Some(cause), ..self.caller.clone() }
    }

    fn count(&self, what: impl FnOnce(&mut Metrics)) {
        let mut metrics = Metrics::new(&self.caller.function);
        what(&mut metrics);
        self.world.journal().metrics(&metrics);
    }
}
