//! How far it is.

use std::io::{IsTerminal as _, Write as _};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Between two lines where nobody watches.
const SELDOM: Duration = Duration::from_secs(10);
/// Between two changes of the line on a terminal.
const OFTEN: Duration = Duration::from_millis(200);

/// A line on standard error: on a terminal always the same one, elsewhere a new one now and then.
pub(super) struct Progress {
    all: u64,
    began: Instant,
    terminal: bool,
    state: Mutex<State>,
}

struct State {
    seeds: u64,
    workflows: u64,
    broken: u64,
    told: Instant,
}

impl Progress {
    pub(super) fn new(seeds: Range<u64>) -> Self {
        let (all, began) = (seeds.end - seeds.start, Instant::now());
        let state = Mutex::new(State { seeds: 0, workflows: 0, broken: 0, told: began });
        Self { all, began, terminal: std::io::stderr().is_terminal(), state }
    }

    /// One more seed is done.
    pub(super) fn done(&self, workflows: usize, broken: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.seeds += 1;
        state.workflows += workflows as u64;
        state.broken += u64::from(broken);
        let every = if self.terminal { OFTEN } else { SELDOM };
        if state.told.elapsed() >= every {
            state.told = Instant::now();
            self.line(&state);
        }
    }

    fn line(&self, state: &State) {
        let line = format!(
            "{} of {} seeds, {} workflows, {:.0}/s, {} broken",
            state.seeds,
            self.all,
            state.workflows,
            per_second(state.workflows, self.began.elapsed()),
            state.broken
        );
        let (before, after) = if self.terminal { ("\r\x1b[K", "") } else { ("", "\n") };
        // Nobody is left to be told that nobody can be told.
        let _ = write!(std::io::stderr(), "{before}{line}{after}");
    }

    /// The line goes, to make room for what was found.
    pub(super) fn end(&self) {
        if self.terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }

    pub(super) fn took(&self) -> Duration {
        self.began.elapsed()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
pub(super) fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64().max(0.001)
}

/// A text on standard output; what reads it may be gone.
pub(super) fn print(text: &str) {
    let _ = writeln!(anstream::stdout(), "{}", text.trim_end_matches('\n'));
}

/// A text on standard error.
pub(super) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
