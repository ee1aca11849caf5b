//! A process that speaks the Runtime API, in a process group of its own.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use super::output::Output;
use super::runtime_api::RuntimeApi;
use super::{End, Exit, Work};
use crate::lambda::logging::LogWriter;

/// A running process. Dropping it kills its process group.
pub(super) struct Process {
    api: RuntimeApi,
    group: Option<Pid>,
    exit: watch::Receiver<Option<Exit>>,
    outputs: Vec<Output>,
}

impl Process {
    pub(super) async fn start(
        program: &Path,
        variables: &BTreeMap<String, String>,
        log: &LogWriter,
    ) -> io::Result<Self> {
        let api = RuntimeApi::listen().await?;
        let mut command = Command::new(program);
        command.env_clear().envs(variables).env("AWS_LAMBDA_RUNTIME_API", api.address());
        // Programs that a function starts are found as they are here; nothing else comes from this process.
        command.env("PATH", host_path());
        if let Some(folder) = program.parent().filter(|folder| folder.is_dir()) {
            command.current_dir(folder);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true);
        let mut child = spawn(&mut command).await?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let outputs = [
            child.stdout.take().map(|pipe| Output::copy(pipe, log.clone())),
            child.stderr.take().map(|pipe| Output::copy(pipe, log.clone())),
        ];
        let (sender, exit) = watch::channel(None);
        let reaper = log.cloud().lambda().processes().enter();
        tokio::spawn(async move {
            reap(child, &sender).await;
            drop(reaper);
        });
        Ok(Self { api, group, exit, outputs: outputs.into_iter().flatten().collect() })
    }

    /// Waits until it asks for its first event.
    pub(super) async fn ready(&mut self, limit: Duration) -> Result<(), End> {
        let end = tokio::select! {
            biased;
            asked = self.api.ready() => match asked {
                Ok(()) => return Ok(()),
                Err(error) => End::Error(error),
            },
            exit = exited(&mut self.exit) => End::Exit(exit),
            () = tokio::time::sleep(limit) => End::Timeout(limit),
        };
        self.kill();
        self.flush().await;
        Err(end)
    }

    pub(super) async fn invoke(&mut self, limit: Duration, work: &Work) -> Option<End> {
        let mut answer = self.api.submit(work.clone());
        let end = tokio::select! {
            biased;
            answer = &mut answer => answer.ok(),
            exit = exited(&mut self.exit) => {
                // What it had sent before it ended counts.
                match answer.try_recv() {
                    Ok(end) => Some(end),
                    Err(_) if self.api.withdraw() => return None,
                    Err(_) => Some(End::Exit(exit)),
                }
            }
            () = tokio::time::sleep(limit) => {
                self.api.withdraw();
                self.kill();
                Some(End::Timeout(limit))
            }
        };
        self.flush().await;
        end
    }

    pub(super) fn is_alive(&self) -> bool {
        self.exit.borrow().is_none()
    }

    /// The high-water mark of its resident memory, where the system tells.
    pub(super) fn memory_mb(&self) -> u64 {
        let Some(group) = self.group else { return 0 };
        let path = format!("/proc/{}/status", group.as_raw_nonzero());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        kib.map_or(0, |kib| kib.div_ceil(1024))
    }

    async fn flush(&self) {
        for output in &self.outputs {
            output.flush().await;
        }
    }

    fn kill(&self) {
        if let (Some(group), true) = (self.group, self.is_alive()) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// How often, and how long after, a program is tried again that somebody still writes to.
const TRIES: u32 = 50;
const BUSY: Duration = Duration::from_millis(20);

/// A program that was just unpacked is busy for a moment when another process was forked meanwhile: until that one runs
/// its own program, it holds the file open for writing
/// ([execve, `ETXTBSY`](https://man7.org/linux/man-pages/man2/execve.2.html)).
async fn spawn(command: &mut Command) -> io::Result<Child> {
    for _ in 1..TRIES {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => tokio::time::sleep(BUSY).await,
            result => return result,
        }
    }
    command.spawn()
}

async fn reap(mut child: Child, sender: &watch::Sender<Option<Exit>>) {
    if let Ok(status) = child.wait().await {
        sender.send_replace(Some(Exit(status)));
    }
}

async fn exited(exit: &mut watch::Receiver<Option<Exit>>) -> Exit {
    match exit.wait_for(Option::is_some).await.map(|exit| *exit) {
        Ok(Some(exit)) => exit,
        // The reaper is gone without a status: there is nothing to wait for, and the timeout decides.
        _ => std::future::pending().await,
    }
}

#[expect(clippy::disallowed_methods, reason = "PATH is the one variable that a function takes from this process")]
fn host_path() -> String {
    std::env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".into())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::OpenOptionsExt;

    use super::*;

    #[tokio::test]
    async fn a_program_that_is_still_written_to_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bootstrap");
        let writing = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o755).open(&path).unwrap();
        std::fs::write(&path, "#!/bin/sh\nexit 7\n").unwrap();
        let busy = Command::new(&path).spawn().unwrap_err();
        assert_eq!(busy.kind(), io::ErrorKind::ExecutableFileBusy);
        let closed = async {
            tokio::time::sleep(BUSY).await;
            drop(writing);
        };
        let mut command = Command::new(&path);
        let (started, ()) = tokio::join!(spawn(&mut command), closed);
        assert_eq!(started.unwrap().wait().await.unwrap().code(), Some(7));
    }
}
