//! Encoding and decoding, and messages that are one of several event types.

use serde_json::Value;
use throughline_envelope::{Event, RawEvent};

use crate::compiled::Compiled;
use crate::{Contract, ContractError, ContractErrorKind, ContractInfo};

/// What a handler takes: an event type, or one of several ([`one_of!`](crate::one_of)).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something a handler can take as an event",
    label = "neither an event type nor one of several",
    note = "implement `Contract` for it, or declare an enum of event types with `one_of!`"
)]
pub trait Message: Sized + Send + 'static {
    /// The event types that it can be.
    fn contracts() -> Vec<ContractInfo>;

    /// Validates the data against the version that it came in, brings it up to the current version, and reads it. The
    /// event's schema version is the current one afterwards.
    ///
    /// # Errors
    /// A type that is not taken, a version that is not understood, or every place where the data breaks its contract.
    fn decode(event: &RawEvent) -> Result<Event<Self>, ContractError>;
}

impl<T: Contract> Message for T {
    fn contracts() -> Vec<ContractInfo> {
        vec![ContractInfo::of::<T>()]
    }

    fn decode(event: &RawEvent) -> Result<Event<Self>, ContractError> {
        decode(event)
    }
}

/// Data as it is published, validated.
///
/// # Errors
/// Every place where it breaks its contract, which is a defect of the publisher.
pub fn encode<T: Contract>(data: &T) -> Result<Value, ContractError> {
    let unreadable = |error: serde_json::Error| {
        ContractError::because(T::TYPE, T::VERSION, ContractErrorKind::Unreadable, error.to_string())
    };
    let value = serde_json::to_value(data).map_err(unreadable)?;
    Compiled::of::<T>()?.validate(T::VERSION, &value)?;
    Ok(value)
}

/// An event of one type, as [`Message::decode`] has it.
///
/// # Errors
/// As there.
pub fn decode<T: Contract>(event: &RawEvent) -> Result<Event<T>, ContractError> {
    if event.event_type != T::TYPE {
        return Err(unexpected(event, &[ContractInfo::of::<T>()]));
    }
    let data = decode_data(event.schema_version, &event.data)?;
    Ok(event.envelope().with_schema_version(T::VERSION).with_data(data))
}

/// Data that came in `version`, without an event around it.
///
/// # Errors
/// A version that is not understood, or every place where the data breaks its contract.
pub fn decode_data<T: Contract>(version: u32, data: &Value) -> Result<T, ContractError> {
    let data = Compiled::of::<T>()?.upcast(version, data)?;
    T::deserialize(&*data)
        .map_err(|error| ContractError::because(T::TYPE, T::VERSION, ContractErrorKind::Unreadable, error.to_string()))
}

/// The error for an event of a type that is not among `taken`.
#[must_use]
pub fn unexpected(event: &RawEvent, taken: &[ContractInfo]) -> ContractError {
    let taken: Vec<_> = taken.iter().map(|info| info.event_type.as_str()).collect();
    let message = format!("taken are {}", taken.join(", "));
    ContractError::because(&event.event_type, event.schema_version, ContractErrorKind::UnknownType, message)
}

/// Declares an enum of event types that a handler takes: one variant for each.
///
/// ```
/// # use throughline_contracts::{Contract, one_of, JsonSchema};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize, JsonSchema)] pub struct Opened { door: String }
/// # #[derive(Serialize, Deserialize, JsonSchema)] pub struct Closed { door: String }
/// # impl Contract for Opened {
/// #     const TYPE: &'static str = "house.door.opened"; const VERSION: u32 = 1; const OWNER: &'static str = "house";
/// #     const DESCRIPTION: &'static str = "A door was opened."; fn sample() -> Self { Self { door: "front".into() } }
/// # }
/// # impl Contract for Closed {
/// #     const TYPE: &'static str = "house.door.closed"; const VERSION: u32 = 1; const OWNER: &'static str = "house";
/// #     const DESCRIPTION: &'static str = "A door was closed."; fn sample() -> Self { Self { door: "front".into() } }
/// # }
/// one_of! {
///     /// What happens to doors.
///     pub enum DoorEvent {
///         /// Someone came.
///         Opened(Opened),
///         /// And went.
///         Closed(Closed),
///     }
/// }
/// ```
#[macro_export]
macro_rules! one_of {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$variant_meta:meta])* $variant:ident($contract:ty)),+ $(,)?
    }) => {
        $(#[$meta])*
        $vis enum $name {
            $($(#[$variant_meta])* $variant($contract)),+
        }

        impl $crate::Message for $name {
            fn contracts() -> ::std::vec::Vec<$crate::ContractInfo> {
                ::std::vec![$($crate::ContractInfo::of::<$contract>()),+]
            }

            fn decode(
                event: &$crate::RawEvent,
            ) -> ::std::result::Result<$crate::Event<Self>, $crate::ContractError> {
                $(if event.event_type == <$contract as $crate::Contract>::TYPE {
                    return $crate::decode::<$contract>(event).map(|event| event.map($name::$variant));
                })+
                ::std::result::Result::Err($crate::unexpected(event, &<Self as $crate::Message>::contracts()))
            }
        }
    };
}
