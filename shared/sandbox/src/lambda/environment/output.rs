//! A process's output, line by line.

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::{mpsc, oneshot};

use crate::lambda::logging::LogWriter;

/// Asks for an answer once everything that was there to read has been written to the log.
#[derive(Debug, Clone)]
pub(super) struct Output(mpsc::Sender<oneshot::Sender<()>>);

impl Output {
    /// Copies lines until the pipe is closed.
    pub(super) fn copy(pipe: impl AsyncRead + Unpin + Send + 'static, log: LogWriter) -> Self {
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(copy_lines(pipe, log, receiver));
        Self(sender)
    }

    pub(super) async fn flush(&self) {
        let (answer, answered) = oneshot::channel();
        if self.0.send(answer).await.is_ok() {
            // An error: the pipe is closed, and all of it was written.
            let _ = answered.await;
        }
    }
}

async fn copy_lines(pipe: impl AsyncRead + Unpin, log: LogWriter, mut flushes: mpsc::Receiver<oneshot::Sender<()>>) {
    let mut lines = BufReader::new(pipe).split(b'\n');
    let mut open = true;
    loop {
        tokio::select! {
            biased;
            line = lines.next_segment() => match line {
                Ok(Some(line)) => log.line(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned()),
                Ok(None) | Err(_) => return,
            },
            flush = flushes.recv(), if open => match flush {
                Some(answer) => drop(answer.send(())),
                None => open = false,
            },
        }
    }
}
