//! `once`: an effect outside DynamoDB, done once as far as we can know.

mod lease;

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use throughline_telemetry::{JournalLine, Metrics, Stage};

use crate::failure::Failure;
use crate::limits::RESPONSE_BYTES;
use crate::outside::circuit::{Circuit, Pass};
use crate::world::World;
use lease::{Claim, Finish, Lease};

/// How long a call waits for another that holds its key, unless [`Once::patience`] says otherwise.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a lease lasts where nobody said when the function ends: Lambda's longest.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// The longest wait before it is looked again whether the holder is done.
const LOOK_MILLIS: u64 = 200;

/// The capability to act outside DynamoDB. Handlers take it as an argument; there is no other way out of a handler.
///
/// Whoever calls holds a **lease** on the key until the function's deadline; while it does, others wait for its result or are refused.
/// The result is stored, and whoever asks again with the same key gets it without calling. The lease is **fenced**: each holder has
/// an epoch, and storing a result or giving the lease back is conditional on still having the latest. A holder that was
/// suspended past its lease finds out when it finishes; its finish changes nothing, and is written down.
///
/// A crash between the call and the storing means that the next attempt calls again: so the key goes to the outside party as
/// well, as its idempotency key.
///
/// ```text
///   A ── claim, epoch 1 ── call(key) ✓ ── store ✓ ── result          B ── claim ✗ held ── waits ── stored: the same result
///   A ── claim, epoch 1 ── call(key) ✓ ── ✗ crash                    B ── claim ✗ held … lease over: epoch 2 ── call(key)
///   A ── claim, epoch 1 ── call(key) … lease over … ✓ ── store ✗     B ── claim, epoch 2 ── call(key) ✓ ── store ✓
///                                                     └ `fenced` in the journal; A answers with B's result
/// ```
#[derive(Debug, Clone)]
pub struct Once {
    world: World,
    caller: JournalLine,
    deadline: Option<Timestamp>,
    patience: Duration,
    circuit: Option<Circuit>,
}

impl Once {
    /// The capability of a function.
    #[must_use]
    pub fn new(world: &World, function: &str) -> Self {
        let caller = JournalLine { function: function.to_owned(), ..JournalLine::default() };
        Self { world: world.clone(), caller, deadline: None, patience: PATIENCE, circuit: None }
    }

    /// On whose behalf it acts: what a journal line about it says of its event and invocation.
    #[must_use]
    pub fn on_behalf_of(self, caller: JournalLine) -> Self {
        Self { caller: JournalLine { function: self.caller.function, ..caller }, ..self }
    }

    /// When the function ends: leases last until then.
    #[must_use]
    pub fn until(self, deadline: Timestamp) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// How long to wait while another call holds the key: two seconds, unless said otherwise. Zero refuses at once.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Makes no call while this circuit is open, and lets it know how calls end.
    #[must_use]
    pub fn behind(self, circuit: &Circuit) -> Self {
        Self { circuit: Some(circuit.clone()), ..self }
    }

    /// Does `call`, unless its result is stored under `key` already. The key is handed to the call, to be passed on.
    ///
    /// # Errors
    /// The call's own failure, of which nothing is stored. Transient `held_elsewhere`: another call holds the key; it may be tried again
    /// when that lease ends. Transient `lease_lost`: this call took longer than its lease and another holds the key now, so it is not
    /// known here what that one will do. Transient `circuit_open`: the call was not made, since calls keep failing. Transient when the lease cannot be taken or the result not be stored.
    pub async fn call<T, F>(&self, key: &str, call: impl FnOnce(String) -> F) -> Result<T, Failure>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, Failure>>,
    {
        let pass = match self.admit(key).await? {
            Admitted::May(pass) => pass,
            Admitted::Done(stored) => return Ok(serde_json::from_str(&stored)?),
        };
        let lease = match self.claim(key).await {
            Ok(Claimed::Mine(lease)) => lease,
            Ok(Claimed::Done(stored)) => {
                unused(pass).await;
                return Ok(serde_json::from_str(&stored)?);
            }
            Err(failure) => {
                unused(pass).await;
                return Err(failure);
            }
        };
        let call = call(key.to_owned());
        let result = match pass {
            Some(pass) => pass.watch(call).await,
            None => call.await,
        };
        let text = match result.and_then(|result| stored(key, &result)) {
            Ok(text) => text,
            Err(failure) => {
                self.give_back(&lease).await;
                return Err(failure);
            }
        };
        match lease.store(&self.world, &text).await? {
            Finish::Mine => Ok(serde_json::from_str(&text)?),
            Finish::Fenced(theirs) => {
                self.fenced(&lease);
                let held = || Failure::transient("lease_lost", format!("the call of {key} took longer than its lease"));
                Ok(serde_json::from_str(&theirs.ok_or_else(held)?)?)
            }
        }
    }

    /// Asks the circuit. What was done before is answered while it is open as well.
    async fn admit(&self, key: &str) -> Result<Admitted<'_>, Failure> {
        let Some(circuit) = &self.circuit else { return Ok(Admitted::May(None)) };
        match circuit.admit().await {
            Ok(pass) => Ok(Admitted::May(Some(pass))),
            Err(refusal) => Lease::result(&self.world, key).await?.map(Admitted::Done).ok_or(refusal),
        }
    }

    /// Takes the lease, waiting while another has it.
    async fn claim(&self, key: &str) -> Result<Claimed, Failure> {
        let ambient = self.world.ambient();
        let began = ambient.now();
        let until = self.deadline.unwrap_or(began + LONGEST);
        let owner = ambient.uuid7().to_string();
        loop {
            let held_until = match Lease::claim(&self.world, &self.caller.function, key, &owner, until).await? {
                Claim::Mine(lease) => return Ok(Claimed::Mine(lease)),
                Claim::Done(result) => return Ok(Claimed::Done(result)),
                Claim::Held(until) => until,
            };
            let now = ambient.now();
            if Duration::try_from(now.duration_since(began)).unwrap_or_default() >= self.patience {
                let left = Duration::try_from(held_until.duration_since(now)).unwrap_or_default();
                let cause = format!("another call holds {key} for up to {} ms more", left.as_millis());
                return Err(Failure::transient("held_elsewhere", cause).retry_after(left));
            }
            tokio::time::sleep(Duration::from_millis(1 + ambient.random_u64() % LOOK_MILLIS)).await;
        }
    }

    /// The call failed: another may try. When it cannot be given back, the lease ends by itself.
    async fn give_back(&self, lease: &Lease) {
        match lease.give_back(&self.world).await {
            Ok(true) => {}
            Ok(false) => self.fenced(lease),
            Err(failure) => tracing::warn!(key = lease.key(), cause = failure.cause(), "the lease was not given back"),
        }
    }

    /// Writes down and counts that a holder finished after its lease had passed to another.
    fn fenced(&self, lease: &Lease) {
        let cause = format!("{} ended after its lease (epoch {}) had passed to another", lease.key(), lease.epoch());
        self.world.journal().write(JournalLine {
            stage: Stage::Fenced,
            code: Some("stale_holder".to_owned()),
            cause: Some(cause),
            idempotency_key: Some(format!("once|{}", lease.key())),
            ..self.caller.clone()
        });
        let mut metrics = Metrics::new(&self.caller.function);
        metrics.stale_holder();
        self.world.journal().metrics(&metrics);
    }
}

async fn unused(pass: Option<Pass<'_>>) {
    if let Some(pass) = pass {
        pass.unused().await;
    }
}

enum Admitted<'a> {
    /// The call may be made; the pass of the circuit, if there is one.
    May(Option<Pass<'a>>),
    Done(String),
}

enum Claimed {
    Mine(Lease),
    Done(String),
}

/// A result as it is stored.
fn stored(key: &str, result: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string(result)?;
    if text.len() > RESPONSE_BYTES {
        let cause = format!("the result of {key} is {} bytes; at most {RESPONSE_BYTES} are stored", text.len());
        return Err(Failure::permanent("too_large", cause));
    }
    Ok(text)
}
