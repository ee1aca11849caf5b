//! A step and its compensation, in every order.

use super::bench::{Bench, RETENTION};
use crate::{
    Class, CommitRequest, Committed, Committer, Effects, Failure, IdempotencyKey, Outcome, Undone, fingerprint,
};
use throughline_envelope::{Direction, SagaId};

struct Saga {
    bench: Bench,
    id: SagaId,
}

impl Saga {
    async fn new() -> Self {
        let bench = Bench::new().await.stocked("apple", 5).await;
        let id = SagaId::generate(bench.world.ambient());
        Self { bench, id }
    }

    fn key(&self, direction: Direction) -> IdempotencyKey {
        IdempotencyKey::saga_step(&self.id, "reserve-stock", direction)
    }

    /// The step takes two apples.
    async fn step(&self) -> Result<Committed, Failure> {
        let effects = Effects::new().write(self.bench.shop.take("apple", 2).or_fail("out_of_stock"));
        self.commit(Direction::Do, None, &effects).await
    }

    async fn look(&self) -> Undone {
        Committer::new(&self.bench.world).undone(self.key(Direction::Do)).await.unwrap()
    }

    /// The compensation gives back what the step took.
    async fn undo(&self, undone: Undone) -> Result<Committed, Failure> {
        let given = if undone.done { 2 } else { 0 };
        let effects = Effects::new().write(self.bench.shop.take("apple", -given));
        self.commit(Direction::Undo, Some(undone), &effects).await
    }

    async fn commit(
        &self,
        direction: Direction,
        undoes: Option<Undone>,
        effects: &Effects,
    ) -> Result<Committed, Failure> {
        let event = self.bench.event();
        let request = CommitRequest {
            key: self.key(direction),
            fingerprint: fingerprint(&event.event_type, &event.data),
            event: &event,
            function: "reserve-stock",
            effects,
            retention: RETENTION,
            undoes,
            place: None,
        };
        Committer::new(&self.bench.world).commit(request).await
    }
}

/// ```text
///   do ✓ ── undo: looks, done ── ✓            do again ─▶ superseded
/// ```
#[tokio::test(start_paused = true)]
async fn a_step_that_was_done_is_undone_once_and_does_not_come_back() {
    let saga = Saga::new().await;
    saga.step().await.unwrap();
    assert_eq!(saga.undo(saga.look().await).await.unwrap().outcome, Outcome::Handled);
    assert_eq!(saga.undo(saga.look().await).await.unwrap().outcome, Outcome::Duplicate);
    let late = saga.step().await.unwrap_err();
    assert_eq!((late.class(), late.code()), (&Class::Permanent, "superseded"));
    assert_eq!(saga.bench.available("apple").await, 5);
}

/// ```text
///   undo: looks, nothing ── ✓ tombstone       do, late ─▶ superseded, nothing taken
/// ```
#[tokio::test(start_paused = true)]
async fn a_step_that_comes_after_its_compensation_is_refused() {
    let saga = Saga::new().await;
    saga.undo(saga.look().await).await.unwrap();
    let late = saga.step().await.unwrap_err();
    assert_eq!((late.class(), late.code()), (&Class::Permanent, "superseded"));
    assert!(late.cause().contains("reserve-stock|undo"), "{}", late.cause());
    assert_eq!(saga.bench.available("apple").await, 5);
}

/// ```text
///   undo: looks, nothing ─────────── ✗ step_raced ── looks again: done ── ✓
///   do ────────────────── ✓
/// ```
#[tokio::test(start_paused = true)]
async fn a_step_that_commits_while_its_compensation_decides_is_not_missed() {
    let saga = Saga::new().await;
    let looked = saga.look().await;
    saga.step().await.unwrap();
    let raced = saga.undo(looked).await.unwrap_err();
    assert_eq!((raced.class(), raced.code()), (&Class::Transient { after: None }, "step_raced"));
    saga.undo(saga.look().await).await.unwrap();
    assert_eq!(saga.bench.available("apple").await, 5);
}

/// A tombstone that expired no longer stands in the way; TTL may not have deleted it yet.
#[tokio::test(start_paused = true)]
async fn a_tombstone_is_forgotten_when_it_expired() {
    let saga = Saga::new().await;
    saga.undo(saga.look().await).await.unwrap();
    tokio::time::advance(RETENTION + std::time::Duration::from_secs(2)).await;
    assert_eq!(saga.step().await.unwrap().outcome, Outcome::Handled);
}
