//! `redrive`, `discard` and `skip`: what could not be handled is tried again, left out, or said to have never been.

use std::time::Duration;

use aws_smithy_types::Blob;
use serde::Serialize;
use throughline_effects::{NotMissing, ParkedKey};
use throughline_envelope::Ambient;
use throughline_journal::{Drained, Failure, Left, Reader, RedriveError, Redriver, Tables, Way};

use crate::args::{Discard, Redrive, Skip, Target};
use crate::aws::Aws;
use crate::error::{CliError, Exit};
use crate::{output, trace};

/// What came of a redrive.
#[derive(Debug, Default, Serialize)]
struct Report {
    /// The failures that were sent, in order.
    sent: Vec<String>,
    /// The failures that an interrupted command had sent: they were through, and are settled now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settled: Vec<String>,
    /// The failure that was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<String>,
    /// Why the key is parked still.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<Left>,
    /// How many wait behind that.
    waiting: usize,
}

impl From<Drained> for Report {
    fn from(drained: Drained) -> Self {
        Self { sent: drained.sent, left: drained.left, waiting: drained.waiting, ..Self::default() }
    }
}

/// What the two commands work with.
struct Desk {
    aws: Aws,
    reader: Reader,
    redriver: Redriver,
}

impl Desk {
    async fn new(target: &Target) -> Self {
        let aws = Aws::new(target).await;
        let tables = Tables::of_stack(aws.stack());
        let redriver = Redriver::new(aws.dynamodb(), aws.sqs(), tables, Ambient::system());
        Self { reader: trace::reader(&aws), redriver, aws }
    }

    /// The failure of an id, or the one that a key is parked for; with the key, if there is one.
    async fn find(&self, id: &str, function: Option<&str>) -> Result<(Failure, Option<ParkedKey>), CliError> {
        let read = |error| CliError::aws("failed to read the failures", &error);
        if id.starts_with("fail_") {
            let failure = self.reader.failure(id).await.map_err(read)?.ok_or_else(|| nothing(id))?;
            let key = Redriver::key_of(&failure);
            return Ok((failure, key));
        }
        let key = self.key(id, function).await?;
        match self.redriver.head_of(&key).await.map_err(refused)? {
            Some(head) => Ok((head, Some(key))),
            None => Err(not_parked(id, &self.redriver.open_of(&key).await.map_err(refused)?)),
        }
    }

    /// What an interrupted command sent of a key that is not parked any more: it is settled. `None` where there is more to do.
    async fn settled(&self, id: &str, function: Option<&str>) -> Result<Option<Report>, CliError> {
        if id.starts_with("fail_") {
            return Ok(None);
        }
        let key = self.key(id, function).await?;
        if self.redriver.head_of(&key).await.map_err(refused)?.is_some() {
            return Ok(None);
        }
        let settled = self.redriver.settle(&key).await.map_err(refused)?;
        Ok((!settled.is_empty()).then(|| Report { settled, ..Report::default() }))
    }

    /// The function at which a key is parked: as said, or by its open failures.
    async fn key(&self, group: &str, function: Option<&str>) -> Result<ParkedKey, CliError> {
        if let Some(function) = function {
            return Ok(ParkedKey::new(function, group));
        }
        let open = self.reader.open_failures().await;
        let open = open.map_err(|error| CliError::aws("failed to read the failures", &error))?;
        let mut keys: Vec<_> = open.iter().filter_map(Redriver::key_of).filter(|key| key.group == group).collect();
        keys.sort();
        keys.dedup();
        match keys.as_slice() {
            [key] => Ok(key.clone()),
            [] => Err(nothing(group)),
            several => {
                let names: Vec<_> = several.iter().map(|key| key.consumer.as_str()).collect();
                let message = format!("{group} is parked at {}", names.join(" and "));
                Err(CliError::failed("key_of_several", message, "Say at which, with --function."))
            }
        }
    }

    async fn drain(&self, key: &ParkedKey, patience: u64) -> Result<Report, CliError> {
        output::note(&format!("{} at {}: sending one after the other", key.group, key.consumer));
        Ok(self.redriver.drain(key, Duration::from_secs(patience)).await.map_err(refused)?.into())
    }

    /// A failure that is of no parked key.
    async fn alone(&self, failure: &Failure) -> Result<Report, CliError> {
        if failure.status != "open" {
            output::note(&format!("{} is {} already", failure.failure_id, failure.status));
            return Ok(Report::default());
        }
        match self.redriver.way(failure).map_err(refused)? {
            Way::Invocation { function, payload } => {
                if !self.redriver.begin(failure).await.map_err(refused)? {
                    return Ok(Report::default());
                }
                let payload = Blob::new(payload.to_string());
                let invoke = self.aws.lambda().invoke().function_name(self.aws.name(&function)).payload(payload);
                let invoke = invoke.invocation_type(aws_sdk_lambda::types::InvocationType::Event);
                invoke.send().await.map_err(|e| CliError::aws(&format!("failed to invoke {function}"), &e))?;
                self.redriver.mark_redriven(failure, &function).await.map_err(refused)?;
            }
            _ => {
                self.redriver.redrive(failure).await.map_err(refused)?;
            }
        }
        Ok(Report { sent: vec![failure.failure_id.clone()], ..Report::default() })
    }
}

/// Runs `redrive`.
pub(crate) async fn run(options: Redrive, target: &Target) -> Result<(), CliError> {
    let desk = Desk::new(target).await;
    if let Some(report) = desk.settled(&options.id, options.drain.function.as_deref()).await? {
        return say(&report, options.drain.json);
    }
    let (failure, key) = desk.find(&options.id, options.drain.function.as_deref()).await?;
    let report = match &key {
        Some(key) if desk.redriver.head_of(key).await.map_err(refused)?.is_some() => {
            desk.drain(key, options.drain.patience).await?
        }
        _ => desk.alone(&failure).await?,
    };
    say(&report, options.drain.json)
}

/// Runs `discard`.
pub(crate) async fn discard(options: Discard, target: &Target) -> Result<(), CliError> {
    let desk = Desk::new(target).await;
    let (failure, key) = desk.find(&options.id, options.drain.function.as_deref()).await?;
    let first = match &key {
        Some(key) => desk.redriver.head_of(key).await.map_err(refused)?,
        None => None,
    };
    desk.redriver.resolve(&failure, &options.because).await.map_err(refused)?;
    let mut report = match &key {
        Some(key) if first.is_some_and(|first| first.failure_id == failure.failure_id) => {
            desk.drain(key, options.drain.patience).await?
        }
        _ => Report::default(),
    };
    report.left_out = Some(failure.failure_id);
    say(&report, options.drain.json)
}

/// Runs `skip`.
pub(crate) async fn skip(options: Skip, target: &Target) -> Result<(), CliError> {
    let desk = Desk::new(target).await;
    let key = desk.key(&options.key, options.drain.function.as_deref()).await?;
    let refusal = desk.redriver.skip(&key, options.sequence, &options.because).await.map_err(refused)?;
    let why = match refusal {
        None => return say(&desk.drain(&key, options.drain.patience).await?, options.drain.json),
        Some(NotMissing::NotParked) => return Err(nothing(&options.key)),
        Some(NotMissing::Stored) => "the event store has it",
        Some(NotMissing::Parked) => "it is parked: redrive or discard it",
        Some(_) => "nothing after it is parked, so it may still come",
    };
    let message = format!("sequence {} of {} is not missing: {why}", options.sequence, options.key);
    Err(CliError::failed("not_missing", message, "`throughline trace` the key to see what became of it."))
}

fn say(report: &Report, json: bool) -> Result<(), CliError> {
    if json {
        output::json(report);
    } else {
        let through = "was through: the command that sent it was interrupted; it is settled now";
        report.settled.iter().for_each(|id| output::line(&format!("{id} {through}")));
        report.left_out.iter().for_each(|id| output::line(&format!("{id} left out")));
        report.sent.iter().for_each(|id| output::line(&format!("{id} sent")));
    }
    let Some(left) = &report.left else { return Ok(()) };
    let what = match left {
        Left::FailedAgain(id) => format!("failed again, as {id}"),
        Left::OnItsWay(id) => format!("{id} was sent and is not through yet"),
        Left::NotRecorded(message) => format!("message {message} is parked, and its failure is not recorded yet"),
        _ => "something is left".to_owned(),
    };
    let message = format!("the key is parked still: {what}; {} wait behind it", report.waiting);
    Err(CliError::failed(
        "still_parked",
        message,
        "Look at it with `throughline failures`; then give the command again.",
    ))
}

fn refused(error: RedriveError) -> CliError {
    match &error {
        RedriveError::NotRedrivable { .. } => {
            let help = "`throughline discard` settles it, once what it asked for is done in another way.";
            CliError::failed("not_redrivable", error.to_string(), help)
        }
        RedriveError::UnderWay { .. } => {
            CliError::failed("under_way", error.to_string(), "`throughline failures` says which were interrupted.")
        }
        _ => CliError::aws("failed to redrive", &error),
    }
}

/// The key is not parked any more; what is left of it is open for another reason.
fn not_parked(id: &str, open: &[Failure]) -> CliError {
    let failures: Vec<_> = open.iter().map(|failure| failure.failure_id.as_str()).collect();
    if failures.is_empty() {
        return nothing(id);
    }
    let message = format!("{id} is not parked any more, and {} of it is open", failures.join(", "));
    let help = "Redrive or discard it by its id: what was handled meanwhile is a duplicate.";
    CliError::new(Exit::NotFound, "not_parked", message, help)
}

fn nothing(id: &str) -> CliError {
    let message = format!("there is no failure {id}, and no key of that name is parked");
    CliError::new(Exit::NotFound, "not_found", message, "`throughline failures` lists those that are open.")
}
