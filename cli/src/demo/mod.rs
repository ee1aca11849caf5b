//! `demo`: five stories in a local cloud, or where the template is deployed, judged by the state that they leave behind.

mod judge;
mod place;
mod stock;
mod stories;

use std::time::{Duration, Instant};

use comfy_table::Table;
use serde::Serialize;
use throughline_journal::LifeCycle;

use crate::args::{Demo, Target};
use crate::aws::Aws;
use crate::error::CliError;
use crate::local;
use crate::overview::table;
use crate::{output, send, trace};
use judge::Check;
use place::Place;
use stories::{End, STORIES, Story, Way};

/// How long a story may take in a local cloud.
const LIMIT: Duration = Duration::from_secs(30);
/// How long a story may take where the template is deployed, whatever that is.
const LIMIT_DEPLOYED: Duration = Duration::from_secs(180);
/// How long between two looks at what is deployed.
const PAUSE: Duration = Duration::from_secs(1);

/// A story that was told.
#[derive(Debug, Serialize)]
struct Told {
    story: &'static str,
    ok: bool,
    milliseconds: u64,
    checks: Vec<Check>,
    life_cycle: Option<LifeCycle>,
}

/// Runs the command.
#[expect(clippy::disallowed_methods, reason = "the demo says how long it took on the wall clock")]
pub(crate) async fn run(options: Demo, target: &Target) -> Result<(), CliError> {
    if let Some(endpoint) = &options.endpoint {
        let began = Instant::now();
        let place = Place::deployed(endpoint, &target.stack).await?;
        return tell_all(&place, &options, began).await;
    }
    let binaries = local::build(&options.boot).await?;
    let began = Instant::now();
    let local = local::start(&options.boot, &target.stack, 0, binaries).await?;
    let result = async {
        local.check_functions().await?;
        tell_all(&Place::local(&local, &target.stack).await, &options, began).await
    };
    let stopped = crate::dev::stop_signal();
    let result = tokio::select! {
        result = result => result,
        _ = stopped => Err(CliError::failed("interrupted", "the demo was interrupted", "")),
    };
    local.shutdown().await;
    result
}

#[expect(clippy::disallowed_methods, reason = "the demo says how long it took on the wall clock")]
async fn tell_all(place: &Place<'_>, options: &Demo, booted: Instant) -> Result<(), CliError> {
    let mut told = Vec::new();
    let mut first = None;
    for story in STORIES {
        if !options.json {
            output::line(&format!("\n── {} ──", story.title));
        }
        let began = Instant::now();
        let id = tell(place, story).await?;
        first.get_or_insert_with(|| booted.elapsed());
        let (checks, life_cycle) = end(place, story, &id, began).await?;
        let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        if !options.json {
            output::print(&life_cycle.as_ref().map(LifeCycle::draw).unwrap_or_default());
            checks.iter().filter(|check| !check.ok).for_each(|check| output::line(&check.to_string()));
        }
        let ok = checks.iter().all(|check| check.ok);
        told.push(Told { story: story.name, ok, milliseconds, checks, life_cycle });
    }
    if options.json {
        output::json(&told);
    } else {
        let first = first.unwrap_or_default().as_millis();
        output::line(&format!(
            "\n{}\n{} to first event accepted: {first} ms   all stories: {} ms",
            summary(&told),
            if place.is_deployed() { "start" } else { "boot" },
            booted.elapsed().as_millis()
        ));
    }
    let broken = told.iter().filter(|story| !story.ok).count();
    if broken > 0 {
        let message = format!("{broken} of {} stories did not end as they must", told.len());
        return Err(CliError::failed(
            "story_failed",
            message,
            "The lines marked ✗ say what was expected and what was found.",
        ));
    }
    Ok(())
}

/// Waits for the story's end, and judges it. What is deployed cannot be asked whether anything is under way: it is looked at until
/// all is as it must be, and the journal tells nothing new.
async fn end(
    place: &Place<'_>,
    story: &Story,
    id: &str,
    began: Instant,
) -> Result<(Vec<Check>, Option<LifeCycle>), CliError> {
    let unsettled = place.settle(LIMIT).await;
    let mut told = String::new();
    loop {
        let mut checks = judge::judge(place, story, id).await?;
        let life_cycle = life_cycle(&place.aws, story, id).await?;
        let tells = life_cycle.as_ref().map(LifeCycle::draw).unwrap_or_default();
        let ended = checks.iter().all(|check| check.ok) && told == tells;
        if !place.is_deployed() || ended || began.elapsed() > LIMIT_DEPLOYED {
            checks.extend(unsettled);
            return Ok((checks, life_cycle));
        }
        told = tells;
        tokio::time::sleep(PAUSE).await;
    }
}

/// The story's life cycle. A message that is not an event has no workflow: it is found among the failures.
async fn life_cycle(aws: &Aws, story: &Story, id: &str) -> Result<Option<LifeCycle>, CliError> {
    let reader = trace::reader(aws);
    let failed = |error| CliError::aws("failed to read the failures", &error);
    let id = match story.end {
        End::Parked { .. } => {
            let open = reader.open_failures().await.map_err(failed)?;
            let found = open.into_iter().find(|failure| failure.message_id.as_deref() == Some(id));
            found.map_or_else(|| id.to_owned(), |failure| failure.failure_id)
        }
        _ => id.to_owned(),
    };
    Ok(trace::lives(&reader, &id).await?.into_iter().next_back())
}

/// Sends what the story begins with. Answers the id that it can be followed by.
async fn tell(place: &Place<'_>, story: &Story) -> Result<String, CliError> {
    let aws = &place.aws;
    let text = place.sample(story)?;
    match story.way {
        Way::Sample { times } => {
            let mut id = String::new();
            for _ in 0..times {
                let sent = send::sample(aws, &text).await?;
                id = sent.correlation_id.unwrap_or(sent.id);
            }
            Ok(id)
        }
        Way::Queue(queue) => Ok(send::raw(aws, queue, &text).await?.id),
    }
}

fn summary(told: &[Told]) -> Table {
    let mut table = table(&["story", "checks", "functions ran", "took", "ended as it must"]);
    for story in told {
        let held = story.checks.iter().filter(|check| check.ok).count();
        let attempts = story.life_cycle.as_ref().map(|life| {
            let text = serde_json::to_string(life).unwrap_or_default();
            text.matches("\"outcome\":\"handled\"").count() + text.matches("\"outcome\":\"duplicate\"").count()
        });
        table.add_row([
            story.story.to_owned(),
            format!("{held} of {}", story.checks.len()),
            attempts.unwrap_or_default().to_string(),
            format!("{} ms", story.milliseconds),
            if story.ok { "✓ yes".to_owned() } else { "✗ no".to_owned() },
        ]);
    }
    table
}
