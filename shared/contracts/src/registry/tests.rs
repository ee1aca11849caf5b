use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use throughline_envelope::Event;

use super::{DriftKind, Registry};
use crate::tests::{Closed, Opened};
use crate::{Contract, Message};

fn registry() -> Registry {
    Registry::new("house").with::<Opened>().with::<Closed>()
}

/// A folder that says what the code says.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    registry().write(folder.path()).unwrap();
    folder
}

/// The drift after `change`, as text.
fn drift(change: impl FnOnce(&Path)) -> Vec<String> {
    let folder = folder();
    change(folder.path());
    registry().drift(folder.path()).unwrap().iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_written_does_not_drift_and_is_written_once() {
    let folder = folder();
    assert_eq!(registry().drift(folder.path()).unwrap(), []);
    assert!(registry().write(folder.path()).unwrap().is_empty());
    let names = super::disk::names(&folder.path().join("house.door.opened")).unwrap();
    assert_eq!(
        names,
        ["CHANGELOG.md", "contract.json", "samples", "v1.schema.json", "v2.schema.json", "v3.schema.json"]
    );
}

#[test]
fn the_files_are_the_same_at_every_call() {
    assert_eq!(registry().files().unwrap(), registry().files().unwrap());
}

#[test]
fn a_contract_tells_its_versions() {
    let files = registry().files().unwrap();
    let contract: Value = serde_json::from_str(&files[Path::new("house.door.closed/contract.json")]).unwrap();
    assert_eq!(
        contract,
        json!({
            "name": "house.door.closed", "kind": "event", "owner": "house", "description": "A door was closed.",
            "subject": "/door", "ordered": true, "current": 1,
            "versions": [{
                "version": 1, "schema": "v1.schema.json",
                "dataschema": "urn:throughline:contract:house.door.closed:1", "sample": "samples/v1.json",
            }],
        })
    );
}

#[test]
fn generated_samples_are_events_of_every_version() {
    let files = registry().files().unwrap();
    for version in 1..=3 {
        let path = format!("house.door.opened/samples/v{version}.json");
        let event = Event::from_json(serde_json::from_str(&files[Path::new(&path)]).unwrap()).unwrap();
        registry().validate(&event).unwrap();
        assert_eq!((event.schema_version, event.source.as_str()), (version, "house"));
        assert_eq!((&event.subject, &event.partition_key), (&None, &None));
        assert_eq!(Opened::decode(&event).unwrap().data, Opened::sample());
    }
}

#[test]
fn a_generated_sample_has_the_subject_and_the_order_of_its_contract() {
    let files = registry().files().unwrap();
    let sample = &files[Path::new("house.door.closed/samples/v1.json")];
    let event = Event::from_json(serde_json::from_str(sample).unwrap()).unwrap();
    assert_eq!((event.subject.as_deref(), event.partition_key.as_deref()), (Some("front"), Some("front")));
    assert_eq!(event.sequence, Some(1));
}

#[test]
fn an_event_of_an_unknown_type_is_not_valid() {
    let files = registry().files().unwrap();
    let sample = &files[Path::new("house.door.closed/samples/v1.json")];
    let event = Event::from_json(serde_json::from_str(sample).unwrap()).unwrap();
    let error = Registry::new("house").with::<Opened>().validate(&event).unwrap_err();
    assert!(error.to_string().ends_with("registered are house.door.opened"), "{error}");
}

#[test]
fn every_kind_of_drift_is_told() {
    let opened = |folder: &Path| folder.join("house.door.opened");
    let missing = drift(|folder| fs::remove_file(opened(folder).join("v2.schema.json")).unwrap());
    assert_eq!(missing, ["house.door.opened/v2.schema.json is missing"]);
    let changed = drift(|folder| fs::write(opened(folder).join("contract.json"), "{}").unwrap());
    assert_eq!(changed, ["house.door.opened/contract.json does not say what the code says"]);
    let unexpected = drift(|folder| fs::write(opened(folder).join("v4.schema.json"), "{}").unwrap());
    assert_eq!(unexpected, ["house.door.opened/v4.schema.json describes what the code does not have"]);
    let changelog = drift(|folder| fs::write(opened(folder).join("CHANGELOG.md"), "## 1\n## 3\n").unwrap());
    assert_eq!(changelog, ["house.door.opened/CHANGELOG.md has no heading for version 2"]);
    let type_gone = drift(|folder| {
        fs::create_dir(folder.join("house.door.painted")).unwrap();
        fs::write(folder.join("house.door.painted/contract.json"), "{}").unwrap();
    });
    assert_eq!(type_gone, ["house.door.painted/contract.json describes what the code does not have"]);
}

#[test]
fn a_hand_written_sample_is_checked() {
    let bad = |text: &str| drift(|folder| fs::write(folder.join("house.door.closed/samples/mine.json"), text).unwrap());
    assert_eq!(bad("{").len(), 1);
    assert!(bad("{}")[0].contains("the attribute `specversion` is missing"));
    let files = registry().files().unwrap();
    assert!(bad(&files[Path::new("house.door.opened/samples/v1.json")])[0].contains("event of type house.door.opened"));
    let good = &files[Path::new("house.door.closed/samples/v1.json")];
    assert!(bad(&good.replace("\"door\"", "\"dor\""))[0].contains("\"door\" is a required property"));
    assert!(bad(good).is_empty());
}

#[test]
fn a_changelog_is_begun_and_then_left_alone() {
    let folder = folder();
    let path = folder.path().join("house.door.opened/CHANGELOG.md");
    assert!(fs::read_to_string(&path).unwrap().contains("## 3"));
    fs::write(&path, "## 3\n## 2\n## 1\nmine").unwrap();
    registry().write(folder.path()).unwrap();
    assert!(fs::read_to_string(&path).unwrap().ends_with("mine"));
    assert!(registry().drift(folder.path()).unwrap().iter().all(|drift| drift.kind != DriftKind::Missing));
}

#[test]
fn entries_are_found_by_type() {
    let registry = registry();
    assert_eq!(registry.get(Opened::TYPE).unwrap().schemas().unwrap().len(), 3);
    assert!(registry.get("house.door.painted").is_none());
    assert_eq!(
        format!("{registry:?}"),
        "Registry { source: \"house\", types: [\"house.door.closed\", \"house.door.opened\"] }"
    );
}
