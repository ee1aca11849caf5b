use std::fmt;

use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schema::schema_of;

/// What an event type promises: its data's shape, in every version that still travels.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event type",
    label = "this type has no contract",
    note = "implement `Contract` for it (name, version, owner, description, sample), or wrap several in `one_of!`"
)]
pub trait Contract: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The event's type, `orders.order.placed`: lower-case words joined by dots and hyphens.
    const TYPE: &'static str;
    /// The version that this Rust type describes, from 1.
    const VERSION: u32;
    /// The team that answers for it.
    const OWNER: &'static str;
    /// What it says happened, or asks for, in one sentence.
    const DESCRIPTION: &'static str;
    /// What it is.
    const KIND: Kind = Kind::Event;
    /// Where in the data the business key is that an event has as its subject: a JSON pointer, `/order_id`.
    const SUBJECT: Option<&'static str> = None;
    /// Whether events carry a partition key (the subject) and a sequence.
    const ORDERED: bool = false;
    /// The place of the sample in the order of its key, where events are ordered: 1 for what begins it.
    const SAMPLE_SEQUENCE: u64 = 1;

    /// Valid data, as it could really be.
    fn sample() -> Self;

    /// The versions before this one that still travel, oldest first and without gaps.
    #[must_use]
    fn older() -> Vec<OlderVersion> {
        Vec::new()
    }
}

/// What a contract is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// Something that happened; anyone may consume it.
    Event,
    /// Something asked for; one function answers it.
    Command,
    /// What a saga works on.
    Saga,
    /// What a step of a saga answers to later steps.
    Output,
}

impl Kind {
    /// `event`, `command`, `saga` or `output`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Command => "command",
            Self::Saga => "saga",
            Self::Output => "output",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A contract without its Rust type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractInfo {
    /// The event's type.
    pub event_type: String,
    /// The current version.
    pub version: u32,
    /// Every version that is understood, oldest first, the current one last.
    pub versions: Vec<u32>,
    /// What it is.
    pub kind: Kind,
    /// Who answers for it.
    pub owner: String,
    /// What it says.
    pub description: String,
    /// Where in the data the business key is, as a JSON pointer.
    pub subject: Option<String>,
    /// Whether events carry a partition key and a sequence.
    pub ordered: bool,
}

impl ContractInfo {
    /// That of a contract.
    #[must_use]
    pub fn of<T: Contract>() -> Self {
        let older = T::older().into_iter().map(|older| older.version);
        Self {
            event_type: T::TYPE.to_owned(),
            version: T::VERSION,
            versions: older.chain([T::VERSION]).collect(),
            kind: T::KIND,
            owner: T::OWNER.to_owned(),
            description: T::DESCRIPTION.to_owned(),
            subject: T::SUBJECT.map(str::to_owned),
            ordered: T::ORDERED,
        }
    }
}

/// What turns data of one version into data of the next; the error is why it cannot be.
pub(crate) type Upcast = Box<dyn Fn(Value) -> Result<Value, String> + Send + Sync>;

/// A version before the current one: its shape and how its data becomes data of the next version.
pub struct OlderVersion {
    pub(crate) version: u32,
    pub(crate) schema: Schema,
    pub(crate) sample: Result<Value, String>,
    pub(crate) upcast: Upcast,
}

impl OlderVersion {
    /// Version `version` with the shape of `Old`; `upcast` makes it the next version or says why it cannot be.
    #[must_use]
    pub fn new<Old, Next>(
        version: u32,
        sample: Old,
        upcast: impl Fn(Old) -> Result<Next, String> + Send + Sync + 'static,
    ) -> Self
    where
        Old: Serialize + DeserializeOwned + JsonSchema,
        Next: Serialize,
    {
        Self {
            version,
            schema: schema_of::<Old>(),
            sample: serde_json::to_value(sample).map_err(|error| error.to_string()),
            upcast: Box::new(move |data| {
                let old = serde_json::from_value(data).map_err(|error| error.to_string())?;
                serde_json::to_value(upcast(old)?).map_err(|error| error.to_string())
            }),
        }
    }
}

impl fmt::Debug for OlderVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OlderVersion").field("version", &self.version).finish_non_exhaustive()
    }
}
