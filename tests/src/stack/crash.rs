//! Processes that die, or hang, with a request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use throughline_simulation::workflow::{Call, Hook, Turn};

/// The operations that send what a commit wrote.
const SENDING: &[&str] = &["PutEvents", "SendMessage", "StartExecution"];

/// What a function's process does with a request of one of these operations. The request is not sent.
#[derive(Debug)]
pub(crate) struct Doom {
    operations: Vec<String>,
    turn: Turn,
    once: bool,
}

impl Doom {
    /// It dies when it next sends something, once.
    pub(crate) fn before_sending() -> Self {
        let operations = SENDING.iter().map(ToString::to_string).collect();
        Self { operations, turn: Turn::Crash, once: true }
    }

    /// It does this whenever it asks for that.
    pub(crate) fn always(operation: &str, turn: Turn) -> Self {
        Self { operations: vec![operation.to_owned()], turn, once: false }
    }
}

/// The doom of functions, by their names.
#[derive(Debug, Default)]
pub(crate) struct Crashes(Mutex<BTreeMap<String, Doom>>);

impl Crashes {
    /// Dooms a function.
    pub(crate) fn add(&self, function: &str, doom: Doom) {
        self.dooms(|dooms| dooms.insert(function.to_owned(), doom));
    }

    /// Nothing more happens to a function.
    pub(crate) fn end(&self, function: &str) {
        self.dooms(|dooms| dooms.remove(function));
    }

    fn turn(&self, call: &Call<'_>) -> Turn {
        self.dooms(|dooms| {
            let struck = |doom: &&Doom| doom.operations.iter().any(|operation| operation == call.operation);
            let Some((turn, once)) = dooms.get(call.function).filter(struck).map(|doom| (doom.turn.clone(), doom.once))
            else {
                return Turn::Pass;
            };
            if once {
                dooms.remove(call.function);
            }
            turn
        })
    }

    pub(super) fn hook(crashes: &Arc<Self>) -> Hook {
        let crashes = crashes.clone();
        Arc::new(move |call| crashes.turn(call))
    }

    fn dooms<T>(&self, with: impl FnOnce(&mut BTreeMap<String, Doom>) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
