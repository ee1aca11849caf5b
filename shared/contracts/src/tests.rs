use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use throughline_envelope::{Ambient, Event, RawEvent};

use crate::{Contract, ContractError, ContractErrorKind, ContractInfo, Message, OlderVersion, encode, one_of};

/// A door as it is told of now.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Opened {
    pub(crate) door: Door,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Door {
    floor: i32,
    name: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct OpenedV1 {
    door: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct OpenedV2 {
    floor: u8,
    name: String,
}

impl Contract for Opened {
    const TYPE: &'static str = "house.door.opened";
    const VERSION: u32 = 3;
    const OWNER: &'static str = "house";
    const DESCRIPTION: &'static str = "A door was opened.";

    fn sample() -> Self {
        Self { door: Door { floor: 1, name: "front".to_owned() }, by: None }
    }

    fn older() -> Vec<OlderVersion> {
        let first = OpenedV1 { door: "1 front".to_owned() };
        let second = OpenedV2 { floor: 1, name: "front".to_owned() };
        vec![
            OlderVersion::new(1, first, |old: OpenedV1| {
                let (floor, name) = old.door.split_once(' ').ok_or("a door is a floor and a name")?;
                let floor = floor.parse().map_err(|_| "the floor is not a number")?;
                Ok(OpenedV2 { floor, name: name.to_owned() })
            }),
            OlderVersion::new(2, second, |old: OpenedV2| {
                Ok(Opened { door: Door { floor: i32::from(old.floor), name: old.name }, by: None })
            }),
        ]
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Closed {
    pub(crate) door: String,
}

impl Contract for Closed {
    const TYPE: &'static str = "house.door.closed";
    const VERSION: u32 = 1;
    const OWNER: &'static str = "house";
    const DESCRIPTION: &'static str = "A door was closed.";
    const SUBJECT: Option<&'static str> = Some("/door");
    const ORDERED: bool = true;

    fn sample() -> Self {
        Self { door: "front".to_owned() }
    }
}

one_of! {
    /// What happens to doors.
    #[derive(Debug, PartialEq)]
    enum DoorEvent {
        /// Someone came.
        Opened(Opened),
        Closed(Closed),
    }
}

/// Defines contracts that are broken, all on the same Rust type's shape.
macro_rules! contract {
    ($name:ident, $version:literal, $sample:expr, $older:expr, $($attribute:tt)*) => {
        #[derive(Debug, Serialize, Deserialize, JsonSchema)]
        $($attribute)*
        struct $name {
            #[schemars(range(min = 1))]
            n: u32,
        }

        impl Contract for $name {
            const TYPE: &'static str = "broken";
            const VERSION: u32 = $version;
            const OWNER: &'static str = "nobody";
            const DESCRIPTION: &'static str = "";

            fn sample() -> Self {
                Self { n: $sample }
            }

            fn older() -> Vec<OlderVersion> {
                $older
            }
        }
    };
}

contract!(ClosedSchema, 1, 1, Vec::new(), #[serde(deny_unknown_fields)]);
contract!(BadSample, 1, 0, Vec::new(),);
contract!(Gap, 3, 1, vec![OlderVersion::new(1, 1, Ok::<u32, String>)],);
contract!(NotOlder, 1, 1, vec![OlderVersion::new(2, 1, Ok::<u32, String>)],);
contract!(BadUpcast, 2, 1, vec![OlderVersion::new(1, 7, |n: u32| Ok(json!({ "n": n - 7 })))],);

fn event(event_type: &str, version: u32, data: Value) -> RawEvent {
    let ambient = Ambient::seeded(jiff::Timestamp::UNIX_EPOCH, 1);
    Event::root(&ambient, "house", event_type, data).with_schema_version(version)
}

fn opened(version: u32, data: Value) -> Result<Event<Opened>, ContractError> {
    Opened::decode(&event(Opened::TYPE, version, data))
}

#[test]
fn every_version_becomes_the_same_rust_type() {
    let versions = [
        (1, json!({ "door": "1 front" })),
        (2, json!({ "floor": 1, "name": "front" })),
        (3, json!({ "door": { "floor": 1, "name": "front" } })),
    ];
    for (version, data) in versions {
        let event = opened(version, data).unwrap();
        assert_eq!((event.data, event.schema_version), (Opened::sample(), 3), "version {version}");
    }
}

#[test]
fn a_member_that_nobody_named_is_tolerated() {
    let data = json!({ "door": { "floor": 1, "name": "front", "colour": "red" }, "why": "heat" });
    assert_eq!(opened(3, data).unwrap().data, Opened::sample());
}

#[test]
fn every_violation_is_told_with_its_place_and_without_its_value() {
    let error = opened(3, json!({ "door": { "floor": "secret" }, "by": 7 })).unwrap_err();
    let pointers: Vec<_> = error.violations.iter().map(|violation| violation.pointer.as_str()).collect();
    assert_eq!(error.kind, ContractErrorKind::Invalid);
    assert_eq!(pointers, ["/by", "/door", "/door/floor"]);
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn an_older_version_is_held_against_its_own_schema() {
    let error = opened(1, json!({ "door": 1 })).unwrap_err();
    assert_eq!((error.version, error.kind), (1, ContractErrorKind::Invalid));
}

#[test]
fn an_upcaster_says_why_it_cannot() {
    let error = opened(1, json!({ "door": "front" })).unwrap_err();
    assert_eq!((error.version, error.code()), (1, "upcast_failed"));
    assert!(error.to_string().ends_with("a door is a floor and a name"), "{error}");
}

#[test]
fn a_version_beyond_ours_is_refused() {
    let error = opened(4, json!({})).unwrap_err();
    assert_eq!(error.code(), "unknown_version");
    assert!(error.to_string().ends_with("version 3 is current, understood are 1, 2, 3"), "{error}");
}

#[test]
fn schema_and_type_may_disagree_on_what_a_schema_cannot_say() {
    // 2^40 is an integer, which is what the schema says without a validated format.
    let error = opened(3, json!({ "door": { "floor": 1_u64 << 40, "name": "front" } })).unwrap_err();
    assert_eq!(error.code(), "unreadable_data");
}

#[test]
fn one_of_several_is_taken_by_its_type() {
    let closed = DoorEvent::decode(&event(Closed::TYPE, 1, json!({ "door": "front" }))).unwrap();
    assert_eq!(closed.data, DoorEvent::Closed(Closed::sample()));
    let opened = DoorEvent::decode(&event(Opened::TYPE, 1, json!({ "door": "1 front" }))).unwrap();
    assert_eq!((opened.data, opened.schema_version), (DoorEvent::Opened(Opened::sample()), 3));
    let error = DoorEvent::decode(&event("house.door.painted", 1, json!({}))).unwrap_err();
    assert_eq!(error.code(), "unknown_type");
    assert!(error.to_string().ends_with("taken are house.door.opened, house.door.closed"), "{error}");
}

#[test]
fn a_message_knows_its_contracts() {
    let versions: Vec<_> = DoorEvent::contracts().into_iter().map(|info| info.versions).collect();
    assert_eq!(versions, [vec![1, 2, 3], vec![1]]);
    assert_eq!(Opened::contracts(), [ContractInfo::of::<Opened>()]);
}

#[test]
fn what_is_published_is_validated() {
    assert_eq!(encode(&Closed::sample()).unwrap(), json!({ "door": "front" }));
    assert_eq!(encode(&Opened::sample()).unwrap(), json!({ "door": { "floor": 1, "name": "front" } }));
}

#[test]
fn a_broken_contract_is_refused_and_says_why() {
    fn definition<T: Contract>() -> String {
        let error = encode(&T::sample()).unwrap_err();
        assert_eq!(error.code(), "contract_broken");
        error.to_string()
    }
    assert!(definition::<ClosedSchema>().contains("refuses unknown members"));
    assert!(definition::<BadSample>().contains("/n: value is less than the minimum"), "{}", definition::<BadSample>());
    assert!(definition::<Gap>().contains("versions 1, 3 should lead up to 3"));
    assert!(definition::<NotOlder>().contains("versions 1, 2 should lead up to 1"));
}

#[test]
fn what_an_upcaster_makes_is_validated() {
    let error = BadUpcast::decode(&event("broken", 1, json!(7))).unwrap_err();
    assert_eq!((error.version, error.kind), (2, ContractErrorKind::Invalid));
}
