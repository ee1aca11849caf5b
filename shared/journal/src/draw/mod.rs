//! A life cycle as a tree, for a terminal.

#[cfg(test)]
mod tests;
mod tree;

use anstyle::{AnsiColor, Style};
use tree::Tree;

use crate::{Attempt, AttemptOutcome, EventNode, Failure, FinalOutcome, LifeCycle, Run, SagaNode, SagaOutcome, Step};

impl LifeCycle {
    /// Draws it as a tree, for a terminal. Colours are escape codes, which `anstream` takes out where nobody sees them; outcomes
    /// are words as well.
    #[must_use]
    pub fn draw(&self) -> String {
        life_cycle(self)
    }
}

fn life_cycle(life: &LifeCycle) -> String {
    let mut tree = Tree::new(life.started_at);
    for root in &life.roots {
        event(&mut tree, root, "");
    }
    for saga in &life.sagas {
        saga_node(&mut tree, saga);
    }
    for failure in &life.failures {
        dead_letter(&mut tree, failure);
    }
    for note in &life.notes {
        tree.leaf(Some(note.time), &format!("{}  {}: {}", note.function, paint(notable(), &note.code), note.cause));
    }
    let outcome = life.final_outcome();
    let style = match outcome {
        FinalOutcome::Completed => good(),
        FinalOutcome::Compensated | FinalOutcome::Running | FinalOutcome::Unknown => notable(),
        _ => bad(),
    };
    let took = match (life.started_at, life.ended_at) {
        (Some(from), Some(to)) => format!(" after {:.0} ms", to.duration_since(from).as_secs_f64() * 1000.0),
        _ => String::new(),
    };
    tree.close(&format!("{}{took}", paint(style, outcome.as_str())))
}

fn event(tree: &mut Tree, node: &EventNode, how: &str) {
    let name = node.event_type.as_deref().unwrap_or("a message that is not an event");
    let id = node.event_id.as_deref().or(node.message_id.as_deref()).unwrap_or_default();
    let sent = match node.published.first() {
        Some(publication) => format!(" → {}", publication.destinations.join(", ")),
        None if node.sent_at.is_some() => " → sent by the relay".to_owned(),
        None if node.unsent => format!(" {}", paint(notable(), "not sent yet")),
        None => String::new(),
    };
    let subject = node.subject.as_deref().map(|subject| format!(" {subject}")).unwrap_or_default();
    tree.open(node.time, &format!("{how}{}{subject}  {}{sent}", paint(Style::new().bold(), name), paint(dim(), id)));
    for run in &node.runs {
        function(tree, run, &run.function);
    }
    node.sagas.iter().for_each(|saga| saga_node(tree, saga));
    node.caused.iter().for_each(|caused| event(tree, caused, "emits "));
    tree.up();
}

fn saga_node(tree: &mut Tree, node: &SagaNode) {
    let (style, outcome) = match node.outcome {
        SagaOutcome::Completed => (good(), "completed"),
        SagaOutcome::Compensated => (notable(), "compensated"),
        SagaOutcome::NeedsAttention => (bad(), "needs attention"),
        _ => (notable(), "running"),
    };
    let name = node.saga.as_deref().unwrap_or("a saga");
    let head = format!(
        "starts saga {}  {}  {}",
        paint(Style::new().bold(), name),
        paint(style, outcome),
        paint(dim(), &node.saga_id)
    );
    tree.open(node.started_at, &head);
    node.steps.iter().for_each(|one| step(tree, one));
    node.caused.iter().for_each(|caused| event(tree, caused, "emits "));
    tree.up();
}

fn step(tree: &mut Tree, step: &Step) {
    let mark = if step.is_undo() { "⟲ " } else { "" };
    function(tree, &step.run, &format!("{mark}{}", step.step));
}

/// A function with its attempts: on one line when there is one, else a line each.
fn function(tree: &mut Tree, run: &Run, name: &str) {
    match run.attempts.as_slice() {
        [only] => tree.open(run.started_at(), &format!("{name:<18} {}", attempt(only))),
        many => {
            tree.open(run.started_at(), name);
            for one in many {
                tree.leaf(Some(one.started_at), &attempt(one));
            }
        }
    }
    run.failures.iter().for_each(|failure| dead_letter(tree, failure));
    run.started.iter().for_each(|saga| saga_node(tree, saga));
    run.emitted.iter().for_each(|emitted| event(tree, emitted, "emits "));
    tree.up();
}

fn attempt(attempt: &Attempt) -> String {
    let (style, outcome) = match attempt.outcome {
        AttemptOutcome::Handled => (good(), "handled"),
        AttemptOutcome::Duplicate => (notable(), "duplicate"),
        AttemptOutcome::Retrying => (notable(), "retrying"),
        AttemptOutcome::Failed => (bad(), "failed"),
        AttemptOutcome::Rejected => (bad(), "rejected"),
        AttemptOutcome::HandedBack => (notable(), "handed back"),
        AttemptOutcome::Crashed => (bad(), "crashed"),
        _ => (notable(), "under way"),
    };
    let number = format!("attempt {}", attempt.attempt.max(1));
    let took = attempt.duration_ms.map(|ms| format!("{ms:.1} ms")).unwrap_or_default();
    let mut text = format!("{:<11} {number:<9} {took:>9}", paint(style, &format!("{outcome:<11}")));
    if let Some(code) = &attempt.code {
        let cause = attempt.cause.as_deref().unwrap_or_default();
        text.push_str(&format!("  {}: {cause}", paint(style, code)));
    }
    if let Some(after) = attempt.retry_after_ms.filter(|_| attempt.outcome == AttemptOutcome::Retrying) {
        text.push_str(&format!("  again after {after} ms"));
    }
    if let Some(queue) = &attempt.parked_in {
        text.push_str(&format!("  parked in {queue}"));
    }
    text
}

fn dead_letter(tree: &mut Tree, failure: &Failure) {
    let derived = if failure.derived { " (worked out from the journal)" } else { "" };
    let text =
        format!("in failures as {}  {}: {}{derived}", failure.failure_id, paint(bad(), &failure.code), failure.cause);
    tree.leaf(Some(failure.recorded_at), &text);
}

fn paint(style: Style, text: &str) -> String {
    format!("{}{text}{}", style.render(), style.render_reset())
}

fn good() -> Style {
    AnsiColor::Green.on_default()
}

fn notable() -> Style {
    AnsiColor::Yellow.on_default()
}

fn bad() -> Style {
    AnsiColor::Red.on_default()
}

fn dim() -> Style {
    Style::new().dimmed()
}
