//! Writing the journal.

use std::sync::Arc;

use throughline_envelope::Ambient;

use crate::line::JournalLine;
use crate::metrics::Metrics;
use crate::sink::{Sink, Stdout};

/// Writes journal lines and metrics. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    sink: Arc<dyn Sink>,
    ambient: Ambient,
}

impl Journal {
    /// A journal on standard output.
    #[must_use]
    pub fn stdout(ambient: &Ambient) -> Self {
        Self::to(Arc::new(Stdout), ambient)
    }

    /// A journal on any sink.
    #[must_use]
    pub fn to(sink: Arc<dyn Sink>, ambient: &Ambient) -> Self {
        Self { sink, ambient: ambient.clone() }
    }

    /// Writes a line. Its time and level are set here.
    pub fn write(&self, mut line: JournalLine) {
        line.time = self.ambient.now();
        line.level = line.stage.level().to_owned();
        if let Ok(text) = serde_json::to_string(&line) {
            self.sink.line(&text);
        }
    }

    /// Writes a batch's metrics: one line, and another for each further hundred events; nothing when nothing was counted.
    pub fn metrics(&self, metrics: &Metrics) {
        for line in metrics.lines(self.ambient.now()) {
            self.sink.line(&line);
        }
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}
