//! Writing a saga down.

use std::marker::PhantomData;
use std::time::Duration;

use throughline_contracts::Contract;

use crate::definition::{Compensation, OutputType, Saga, Stage, Task, Undo};
use crate::error::InvalidSaga;
use crate::retry::Retry;
use crate::validate;

/// A task's timeout unless the step says otherwise: longer than a function's 30 seconds, so that the function has ended
/// when the next state starts.
const TASK_SECONDS: u32 = 45;
/// A saga's timeout unless it says otherwise: a day.
const SAGA_SECONDS: u32 = 86_400;

/// A saga being defined. Every step is given the same `T`, with which the saga was started.
#[derive(Debug, Clone)]
#[must_use]
pub struct SagaBuilder<T> {
    saga: Saga,
    works_on: PhantomData<fn(T)>,
}

impl<T: Contract> SagaBuilder<T> {
    pub(crate) fn new(name: &str) -> Self {
        let saga = Saga {
            name: name.to_owned(),
            about: None,
            input: T::TYPE.to_owned(),
            input_version: T::VERSION,
            timeout_seconds: SAGA_SECONDS,
            stages: Vec::new(),
            closing: None,
            completed: "Completed".to_owned(),
            compensated: "Compensated".to_owned(),
        };
        Self { saga, works_on: PhantomData }
    }

    /// What the saga does, in a sentence.
    pub fn about(mut self, text: &str) -> Self {
        self.saga.about = Some(text.to_owned());
        self
    }

    /// The longest that an execution may take: a backstop above the sum of all retries.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.saga.timeout_seconds = seconds(timeout);
        self
    }

    /// The next step. After the pivot it is a retriable one: tried patiently, never turned back from.
    pub fn step(mut self, step: Step<T>) -> Self {
        self.saga.stages.push(Stage::Step(step.task));
        self
    }

    /// Branches that run side by side, under a name for their state (`BookEverything`). When a branch fails, the steps of
    /// all branches are undone one after the other, the last one first: those of the other branches may have happened.
    pub fn parallel(mut self, name: &str, branches: impl IntoIterator<Item = Branch<T>>) -> Self {
        let branches = branches.into_iter().map(|branch| branch.tasks).collect();
        self.saga.stages.push(Stage::Parallel { name: name.to_owned(), branches });
        self
    }

    /// The step that decides. Its refusal still turns the saga back; once it has succeeded, nothing is undone any more.
    pub fn pivot(mut self, step: Step<T>) -> Self {
        self.saga.stages.push(Stage::Pivot(step.task));
        self
    }

    /// The step after the last compensation: it says that the saga was given up, and is given the failure.
    pub fn closed_by(mut self, step: Step<T>) -> Self {
        self.saga.closing = Some(step.task);
        self
    }

    /// The names of the two final states.
    pub fn ends(mut self, completed: &str, compensated: &str) -> Self {
        completed.clone_into(&mut self.saga.completed);
        compensated.clone_into(&mut self.saga.compensated);
        self
    }

    /// The saga, if it is one.
    ///
    /// # Errors
    /// Every problem of the definition, and where it is.
    pub fn build(self) -> Result<Saga, InvalidSaga> {
        validate::validate(&self.saga)?;
        Ok(self.saga)
    }
}

/// A step being defined, of a saga that works on `T`.
#[derive(Debug, Clone)]
#[must_use]
pub struct Step<T> {
    task: Task,
    works_on: PhantomData<fn(T)>,
}

impl<T: Contract> Step<T> {
    /// A step, done by the function of the same name. Names are `lower-case-with-hyphens`.
    pub fn new(name: &str) -> Self {
        let task = Task {
            name: name.to_owned(),
            function: name.to_owned(),
            about: None,
            undo: Undo::Unsaid,
            retry: None,
            timeout_seconds: TASK_SECONDS,
            output: None,
            needs: Vec::new(),
        };
        Self { task, works_on: PhantomData }
    }

    /// What it does, in a sentence.
    pub fn about(mut self, text: &str) -> Self {
        self.task.about = Some(text.to_owned());
        self
    }

    /// The function that does it, when it has another name.
    pub fn done_by(mut self, function: &str) -> Self {
        function.clone_into(&mut self.task.function);
        self
    }

    /// The function that undoes it. It must succeed when there is nothing to undo.
    pub fn undone_by(mut self, function: &str) -> Self {
        self.task.undo = Undo::By(Compensation {
            function: function.to_owned(),
            retry: Retry::PATIENT,
            timeout_seconds: self.task.timeout_seconds,
        });
        self
    }

    /// What it answers. Its compensation is given it, where the step answered, and every later step that
    /// [`needs`](Self::needs) it. The function says the same of itself: `Function::outputs`.
    pub fn outputs<O: Contract>(mut self) -> Self {
        self.task.output = Some(OutputType::of::<O>());
        self
    }

    /// It is given the output of the earlier step that [`outputs`](Self::outputs) an `O`. There is one, or the saga is not
    /// valid. The function's handler takes it as `Output<O>`.
    pub fn needs<O: Contract>(mut self) -> Self {
        self.task.needs.push(OutputType::of::<O>());
        self
    }

    /// Nothing has to undo it: it only reads, or what it leaves does no harm.
    pub fn harmless(mut self) -> Self {
        self.task.undo = Undo::Harmless;
        self
    }

    /// How often it is tried. Unless said: [`Retry::QUICK`] before the pivot; for the pivot, the steps after it and the
    /// closing step [`Retry::PATIENT`].
    pub fn retry(mut self, retry: Retry) -> Self {
        self.task.retry = Some(retry);
        self
    }

    /// The longest that one attempt may take: more than its function's own timeout. 45 seconds unless said; also of its
    /// compensation.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.task.timeout_seconds = seconds(timeout);
        if let Undo::By(compensation) = &mut self.task.undo {
            compensation.timeout_seconds = self.task.timeout_seconds;
        }
        self
    }
}

/// A branch of a parallel stage.
#[derive(Debug, Clone)]
#[must_use]
pub struct Branch<T> {
    tasks: Vec<Task>,
    works_on: PhantomData<fn(T)>,
}

impl<T: Contract> Branch<T> {
    /// A branch that begins with `step`.
    pub fn of(step: Step<T>) -> Self {
        Self { tasks: vec![step.task], works_on: PhantomData }
    }

    /// The branch's next step.
    pub fn step(mut self, step: Step<T>) -> Self {
        self.tasks.push(step.task);
        self
    }
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> u32 {
    let whole = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    u32::try_from(whole).unwrap_or(u32::MAX)
}
