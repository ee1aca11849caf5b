use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{IdError, check_prefixed, check_text, prefix_of};
use crate::Ambient;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, |$id:ident| $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// What such an id begins with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id: the prefix and a UUID v7.
            #[must_use]
            pub fn generate(ambient: &Ambient) -> Self {
                Self(format!("{}{}", Self::PREFIX, ambient.uuid7()))
            }

            /// Reads an id.
            ///
            /// # Errors
            /// Says why the text is no such id.
            pub fn parse($id: &str) -> Result<Self, IdError> {
                $check?;
                Ok(Self($id.to_owned()))
            }

            /// The id as text, prefix included.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(id: &str) -> Result<Self, IdError> {
                Self::parse(id)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// An event's id: `evt_` and a UUID v7. An id from elsewhere is kept as it is, but not with another of our prefixes.
    /// At most 256 bytes, without white space.
    EventId, "evt_", |id| match prefix_of(id) {
        None => check_text(id, 256),
        Some(_) => check_prefixed(id, Self::PREFIX, 256),
    }
);

id!(
    /// What all events of one workflow share: `cor_`, then at most 124 bytes.
    CorrelationId, "cor_", |id| check_prefixed(id, Self::PREFIX, 128)
);

id!(
    /// A saga's id, which is also the name of its execution: `saga_`, then letters, digits, `-` and `_`; at most
    /// [80 characters](https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html) in all.
    SagaId, "saga_", |id| check_prefixed(id, Self::PREFIX, 80).and_then(|()| execution_name(id))
);

id!(
    /// A recorded failure's id: `fail_`, then at most 123 bytes.
    FailureId, "fail_", |id| check_prefixed(id, Self::PREFIX, 128)
);

impl CorrelationId {
    /// The correlation id of an event that came without one: the same for everyone who derives it.
    #[must_use]
    pub fn derived(source: &str, id: &EventId) -> Self {
        Self::of_digest(&["correlation", source, id.as_str()])
    }

    /// The correlation id of what is no event, by the id of its delivery: SQS's of the message, or Lambda's of the request.
    #[must_use]
    pub fn of_delivery(id: &str) -> Self {
        Self::of_digest(&["delivery", id])
    }

    fn of_digest(parts: &[&str]) -> Self {
        let bytes = crate::trace::digest(parts);
        let mut sixteen = [0; 16];
        sixteen.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        Self(format!("{}{}", Self::PREFIX, uuid::Builder::from_custom_bytes(sixteen).into_uuid()))
    }
}

fn execution_name(id: &str) -> Result<(), IdError> {
    match id.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '_' && *c != '-') {
        Some(found) => Err(IdError::Character { found }),
        None => Ok(()),
    }
}
