//! The workflows of a run: they begin, faults strike, faults end, everything comes to rest and is looked at.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::boot::{STACK, World};
use super::calm::calm;
use super::watch::watch;
use super::{BrokenInvariant, Evidence, GivenUp, Run, RunError};
use crate::workflow::definition::{Broken, Workflow};
use crate::workflow::dice::{Rng, join};
use crate::workflow::id::WorkflowId;
use crate::workflow::plan::Fault;
use crate::workflow::settings::Settings;
use crate::workflow::start::{Began, begin};
use crate::workflow::view::View;

/// How many workflows begin before everything has to come to rest.
const ROUND: usize = 50;
/// For how long faults go on after the last workflow of a round began.
const TAIL: Duration = Duration::from_secs(120);
/// The invariant that everything comes to rest, which every workflow has.
const RESTS: &str = "everything comes to rest";

pub(super) async fn run(world: &World, workflow: &Workflow, settings: &Settings) -> Result<Run, RunError> {
    let started = Instant::now();
    let mut began = BTreeMap::new();
    let ids: Vec<WorkflowId> = settings.ids().collect();
    let mut broken = None;
    let mut view = View::default();
    for round in ids.chunks(ROUND) {
        let first = started + workflow.every * round.first().map_or(0, |id| id.number());
        let begin = start(world, workflow, settings.seed, started, round);
        let (begun, under_way) = tokio::join!(biased; begin, watch(world, workflow, first, view));
        began.extend(begun);
        let (seen, under_way) = under_way?;
        let at_rest;
        (view, at_rest) = look(world, workflow, &began, seen).await?;
        broken = under_way.or(at_rest);
        if broken.is_some() {
            break;
        }
    }
    let evidence = if broken.is_some() { evidence(&view) } else { Evidence::default() };
    let journal = world.host.journal().all();
    let sagas = view.sagas().iter().filter(|saga| saga.status == "FAILED").count();
    let given_up = GivenUp { parked: view.rows("failures").len(), sagas };
    Ok(Run { struck: world.plan.struck(), journal, began, broken, took: started.elapsed(), given_up, evidence })
}

/// The workflows of a round begin, while faults strike.
async fn start(
    world: &World,
    workflow: &Workflow,
    seed: u64,
    started: Instant,
    round: &[WorkflowId],
) -> BTreeMap<WorkflowId, Began> {
    world.plan.set_on(true);
    let mut clients = JoinSet::new();
    for id in round {
        let mut rng = Rng::new(join(seed, u64::from(id.number())));
        let at = started + workflow.every * id.number() + workflow.every.mul_f64(unit(&mut rng));
        // One in eight clients does not ask again.
        let attempts = if rng.chance(0.125) { 1 } else { 8 };
        let twice = strikes_client(world, *id);
        let start = (workflow.workload)(&mut rng, *id);
        let (cloud, id) = (world.cloud.clone(), *id);
        clients.spawn(async move {
            tokio::time::sleep_until(at).await;
            let once = begin(&cloud, STACK, &start, id, attempts);
            let began = if twice {
                let (one, other) = tokio::join!(biased; once, begin(&cloud, STACK, &start, id, attempts));
                if matches!(one, Began::Unknown) { other } else { one }
            } else {
                once.await
            };
            (id, began)
        });
    }
    let mut began = BTreeMap::new();
    while let Some(one) = clients.join_next().await {
        began.extend(one.ok());
    }
    tokio::time::sleep(TAIL).await;
    world.plan.set_on(false);
    began
}

/// Whether the client sends its request twice at once.
fn strikes_client(world: &World, id: WorkflowId) -> bool {
    world.plan.strikes(Fault::Duplicate, &world.plan.site("client", "request", Some(id)))
}

fn unit(rng: &mut Rng) -> f64 {
    crate::workflow::dice::unit(rng.next_u64())
}

/// Everything comes to rest, and the invariants are held against what is there.
async fn look(
    world: &World,
    workflow: &Workflow,
    began: &BTreeMap<WorkflowId, Began>,
    before: View,
) -> Result<(View, Option<BrokenInvariant>), RunError> {
    let left = calm(world).await?;
    let view = View::read(&world.cloud, STACK, world.host.journal().read(), began.clone(), before).await;
    let view = view.map_err(|source| RunError::Cloud { what: "read what is there".into(), source })?;
    let broken = match left {
        Some(left) => Some((RESTS.to_owned(), Broken::new(format!("still under way: {left}")))),
        None => workflow
            .always
            .iter()
            .chain(&workflow.invariants)
            .find_map(|(name, check)| Some((name.clone(), check(&view).err()?))),
    };
    Ok((view, broken.map(|(name, found)| BrokenInvariant { name, found })))
}

fn evidence(view: &View) -> Evidence {
    Evidence {
        lines: view.journal().to_vec(),
        events: view.rows("events").to_vec(),
        failures: view.rows("failures").to_vec(),
    }
}
