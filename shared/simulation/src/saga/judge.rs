//! What must hold at the end.

use throughline_saga::{Saga, Stage, Task, Undo};

use super::behaviour::Behaviour;
use super::model::Direction;
use super::report::{Broken, Choice, Invariant, way};
use super::run::Ran;

/// The first invariant that `ran` broke.
pub(crate) fn judge(saga: &Saga, ran: &Ran) -> Option<Broken> {
    let (invariant, detail) = broken(saga, ran)?;
    let faults = ran.behaviours.iter().filter(|(_, behaviour)| *behaviour != Behaviour::Succeeds);
    let faults = faults.map(|((step, direction), behaviour)| Choice {
        step: step.clone(),
        direction: *direction,
        behaviour: *behaviour,
    });
    let effects = ran.world.effects.iter().map(|(step, direction)| format!("{} {step}", way(*direction)));
    Some(Broken { invariant, detail, faults: faults.collect(), effects: effects.collect() })
}

fn broken(saga: &Saga, ran: &Ran) -> Option<(Invariant, String)> {
    if let Some(state) = ran.needed_attention.iter().find(|state| !may_need_attention(saga, state)) {
        return Some((Invariant::NeedsAttentionWhereItMay, format!("it stopped in {state}")));
    }
    if let Some(call) = ran.badly_given.first() {
        return Some((Invariant::OutputsArrive, call.clone()));
    }
    if !ran.succeeded {
        let error = ran.last_error.as_deref().unwrap_or("its timeout");
        return Some((Invariant::EndsInAFinalState, format!("it ended in {} with {error}", ran.last_state)));
    }
    if ran.last_state == saga.completed() {
        return completed(saga, ran).map(|detail| (Invariant::CompletedIsWhole, detail));
    }
    if ran.last_state == saga.compensated() {
        return compensated(saga, ran);
    }
    Some((Invariant::EndsInAFinalState, format!("it ended in {}", ran.last_state)))
}

/// From the pivot on, and on the way back.
fn may_need_attention(saga: &Saga, state: &str) -> bool {
    let before = saga.stages().iter().take_while(|stage| !matches!(stage, Stage::Pivot(_)));
    before.flat_map(|stage| stage.tasks().into_iter().map(Task::state).chain([stage.state()])).all(|name| name != state)
}

fn completed(saga: &Saga, ran: &Ran) -> Option<String> {
    for task in saga.stages().iter().flat_map(Stage::tasks) {
        if !ran.world.has(task.name(), Direction::Do) {
            return Some(format!("{} is not done", task.name()));
        }
    }
    if let Some((step, _)) = ran.world.effects.iter().find(|(_, direction)| *direction == Direction::Undo) {
        return Some(format!("{step} is undone"));
    }
    let closing = saga.closing().filter(|task| ran.world.has(task.name(), Direction::Do))?;
    Some(format!("{} is done as well", closing.name()))
}

fn compensated(saga: &Saga, ran: &Ran) -> Option<(Invariant, String)> {
    let expected = expected(saga, ran);
    let undone: Vec<_> = undone(ran).collect();
    if undone != expected {
        let detail = format!("undone: [{}]; to be undone: [{}]", undone.join(", "), expected.join(", "));
        return Some((Invariant::CompensatedInReverse, detail));
    }
    if let Some(detail) = closed(saga, ran) {
        return Some((Invariant::CompensatedInReverse, detail));
    }
    let late = ran.behaviours.iter().find_map(|((step, _), behaviour)| {
        let late = *behaviour == Behaviour::TakesEffectLate && expected.contains(&step.as_str());
        (late && !ran.world.superseded.contains(step)).then_some(step)
    });
    if let Some(step) = late {
        return Some((Invariant::LateStepsAreRefused, format!("{step} came after its compensation and took effect")));
    }
    let harmless = |step: &str| saga.steps().any(|task| task.name() == step && task.undo() == &Undo::Harmless);
    let closing = saga.closing().map(Task::name);
    let left = ran.world.effects.iter().find(|(step, direction)| {
        let undone = ran.world.has(step, Direction::Undo);
        *direction == Direction::Do && !undone && !harmless(step) && closing != Some(step.as_str())
    });
    left.map(|(step, _)| (Invariant::NothingIsLeft, format!("{step} is done")))
}

/// The compensations of all stages up to the last that was come to, the last first. Of a parallel stage all: what a
/// branch that was stopped had under way is not known.
fn expected<'a>(saga: &'a Saga, ran: &Ran) -> Vec<&'a str> {
    let called = |task: &Task| {
        ran.behaviours.iter().any(|((step, direction), _)| step == task.name() && *direction == Direction::Do)
    };
    let reached = saga.stages().iter().rposition(|stage| stage.tasks().into_iter().any(called));
    let stages = saga.stages().iter().take(reached.map_or(0, |last| last + 1));
    let tasks: Vec<_> = stages.flat_map(Stage::tasks).filter(|task| task.compensation().is_some()).collect();
    tasks.into_iter().rev().map(Task::name).collect()
}

fn undone(ran: &Ran) -> impl Iterator<Item = &str> {
    let effects = ran.world.effects.iter().filter(|(_, direction)| *direction == Direction::Undo);
    effects.map(|(step, _)| step.as_str())
}

/// The closing step comes once, after the last compensation.
fn closed(saga: &Saga, ran: &Ran) -> Option<String> {
    let closing = saga.closing()?;
    let effects = &ran.world.effects;
    let at = effects.iter().position(|(step, _)| step == closing.name());
    let last = effects.iter().rposition(|(_, direction)| *direction == Direction::Undo);
    match (at, last) {
        (None, _) => Some(format!("{} is not done", closing.name())),
        (Some(at), Some(last)) if at < last => Some(format!("{} came before the last compensation", closing.name())),
        _ => None,
    }
}
