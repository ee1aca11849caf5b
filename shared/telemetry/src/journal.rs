//! Writing the journal.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use throughline_envelope::Ambient;

use crate::attempt::{OwnFields, Shared};
use crate::line::JournalLine;
use crate::metrics::Metrics;
use crate::sink::{Sink, Stdout};

/// Writes journal lines and metrics. Cheap to clone.
///
/// A line goes out at once, unless lines are [held](Self::holding): then those of one poll of the work go out together.
#[derive(Clone)]
pub struct Journal {
    sink: Arc<dyn Sink>,
    ambient: Ambient,
    pending: Arc<Mutex<Pending>>,
}

/// Lines that are not out yet, each with its line break.
#[derive(Default)]
struct Pending {
    lines: Vec<u8>,
    /// Polls that are under way and will write what is here when they end.
    holders: usize,
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
        Self { sink, ambient: ambient.clone(), pending: Arc::default() }
    }

    /// Writes a line. Its time and level are set here.
    pub fn write(&self, mut line: JournalLine) {
        line.time = self.ambient.now();
        line.level = line.stage.level().to_owned();
        self.put([line]);
    }

    /// Writes a line of an attempt: what its lines share, and what it has itself. Its time and level are set here.
    pub fn write_of(&self, shared: &Shared, own: &OwnFields<'_>) {
        let now = self.ambient.now();
        let mut pending = self.pending();
        shared.write(own, now, &mut pending.lines);
        pending.lines.push(b'\n');
        self.written(&mut pending);
    }

    /// Writes a batch's metrics: one line, and another for each further hundred events; nothing when nothing was counted.
    pub fn metrics(&self, metrics: &Metrics) {
        self.put(metrics.lines(self.ambient.now()));
    }

    fn put<L: Serialize>(&self, lines: impl IntoIterator<Item = L>) {
        let mut pending = self.pending();
        for line in lines {
            let before = pending.lines.len();
            if serde_json::to_writer(&mut pending.lines, &line).is_err() {
                pending.lines.truncate(before);
                continue;
            }
            pending.lines.push(b'\n');
        }
        self.written(&mut pending);
    }

    /// What was written goes out, unless it is held.
    fn written(&self, pending: &mut Pending) {
        if pending.holders == 0 {
            self.write_out(pending);
        }
    }

    /// Does work, and writes its lines whenever it waits and when it ends, in one write: what a line says is out before anything else
    /// can happen, short of the process's end in the middle of a poll. Before code runs that could be that end, see
    /// [`flush`](Self::flush).
    pub async fn holding<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|context| {
            let _held = Held::new(self);
            work.as_mut().poll(context)
        })
        .await
    }

    /// Writes what is held.
    pub fn flush(&self) {
        self.write_out(&mut self.pending());
    }

    fn write_out(&self, pending: &mut Pending) {
        if let Some(lines) = str::from_utf8(&pending.lines).ok().filter(|lines| !lines.is_empty()) {
            self.sink.lines(lines);
        }
        pending.lines.clear();
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        // Nothing in here panics between two states that fit together.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A poll during which lines are held.
struct Held<'a>(&'a Journal);

impl<'a> Held<'a> {
    fn new(journal: &'a Journal) -> Self {
        journal.pending().holders += 1;
        Self(journal)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut pending = self.0.pending();
        pending.holders -= 1;
        self.0.write_out(&mut pending);
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}
