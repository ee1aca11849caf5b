//! Where lines go.

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

/// Takes whole lines. In a function it is standard output, which Lambda sends to CloudWatch Logs.
pub trait Sink: Send + Sync {
    /// Takes one line, without its line break.
    fn line(&self, line: &str);

    /// Takes several lines, each with its line break: at once, where that is possible.
    fn lines(&self, lines: &str) {
        lines.lines().for_each(|line| self.line(line));
    }
}

/// Standard output, whole lines in one write.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stdout;

impl Sink for Stdout {
    fn line(&self, line: &str) {
        let mut bytes = Vec::with_capacity(line.len() + 1);
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        // A function whose output is gone cannot say so anywhere.
        let _ = std::io::stdout().lock().write_all(&bytes);
    }

    fn lines(&self, lines: &str) {
        let _ = std::io::stdout().lock().write_all(lines.as_bytes());
    }
}

/// Keeps the lines, for tests.
#[derive(Debug, Default)]
pub struct Lines(Mutex<Vec<String>>);

impl Lines {
    /// What was written so far.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Sink for Lines {
    fn line(&self, line: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    }
}
