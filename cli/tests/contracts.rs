//! `throughline contracts`, as it is run: in a repository, against what is committed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what these tests share is test code too")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const PLACED: &str = "events/orders.order.placed/v2.schema.json";

/// A folder with the project's registry in it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../events"), &place.path("events"));
        place
    }

    /// The same, committed.
    fn committed() -> Self {
        let place = Self::new();
        place.git(&["init", "-q"]);
        place.git(&["add", "."]);
        place.git(&["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "events"]);
        place
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn git(&self, args: &[&str]) {
        assert!(Command::new("git").arg("-C").arg(self.0.path()).args(args).status().unwrap().success());
    }

    fn contracts(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
        // Outside of every repository, unless the test made one.
        command.env("GIT_CEILING_DIRECTORIES", self.0.path().parent().unwrap());
        command.current_dir(self.0.path()).arg("contracts").args(args).output().unwrap()
    }

    fn edit(&self, path: &str, edit: impl FnOnce(&mut Value)) {
        let mut value = serde_json::from_str(&fs::read_to_string(self.path(path)).unwrap()).unwrap();
        edit(&mut value);
        fs::write(self.path(path), serde_json::to_string_pretty(&value).unwrap() + "\n").unwrap();
    }

    /// What a check finds, as JSON, and its exit code.
    fn check(&self, args: &[&str]) -> (Value, Option<i32>) {
        let output = self.contracts(&[&["check", "--json"], args].concat());
        let error = String::from_utf8_lossy(&output.stderr);
        (serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}")), output.status.code())
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(path, target).unwrap();
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn what_is_committed_is_what_the_code_says() {
    let output = Place::committed().contracts(&["check"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("8 schemas are compatible with HEAD"), "{}", text(&output.stdout));
}

#[test]
fn a_removed_field_is_incompatible_and_an_event_shows_it() {
    let place = Place::committed();
    place.edit(PLACED, |schema| {
        schema["properties"].as_object_mut().unwrap().shift_remove("card");
        schema["required"].as_array_mut().unwrap().retain(|name| name != "card");
    });
    let output = place.contracts(&["check"]);
    let found = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{found}");
    assert!(text(&output.stderr).contains("error[contract_incompatible]"), "{}", text(&output.stderr));
    for line in
        ["does not say what the code says", "/properties/card is gone", "witness", "\"card\" is a required property"]
    {
        assert!(found.contains(line), "no {line:?} in {found}");
    }
    let (found, code) = place.check(&[]);
    assert_eq!(code, Some(1));
    let [found] = found["incompatible"].as_array().unwrap().as_slice() else { panic!("{found}") };
    assert_eq!(found["direction"], "new_event_old_consumer");
    let event = &found["witness"]["event"];
    assert_eq!((&event["type"], event["data"].get("card")), (&Value::from("orders.order.placed"), None), "{event}");
    assert!(event["data"]["customer"]["email"].is_string(), "it is the sample, else whole: {event}");
}

#[test]
fn a_narrower_range_refuses_stored_events() {
    let place = Place::committed();
    place.edit(PLACED, |schema| schema["$defs"]["Line"]["properties"]["quantity"]["maximum"] = 5.into());
    let (found, code) = place.check(&[]);
    let [found] = found["incompatible"].as_array().unwrap().as_slice() else { panic!("{found}") };
    assert_eq!((code, &found["direction"]), (Some(1), &Value::from("old_event_new_consumer")));
    let changes = serde_json::json!(["/$defs/Line/properties/quantity/maximum was 10000, is 5"]);
    assert_eq!(found["changes"], changes);
    let quantity = found["witness"]["event"]["data"]["lines"][0]["quantity"].as_u64().unwrap();
    assert!((6..=10_000).contains(&quantity), "{found}");
}

#[test]
fn an_added_member_is_compatible_while_it_is_optional() {
    let place = Place::committed();
    let add = |schema: &mut Value| schema["properties"]["note"] = serde_json::json!({ "type": ["string", "null"] });
    place.edit(PLACED, add);
    let (found, code) = place.check(&[]);
    assert_eq!((&found["incompatible"], code), (&serde_json::json!([]), Some(1)), "it drifts from the code, no more");
    assert_eq!(found["drift"][0]["kind"], "changed");

    place.edit(PLACED, |schema| schema["required"].as_array_mut().unwrap().push("note".into()));
    let (found, _) = place.check(&[]);
    assert_eq!(found["incompatible"][0]["direction"], "old_event_new_consumer");
}

#[test]
fn a_narrower_pattern_is_shown_in_the_sample() {
    let place = Place::committed();
    place.edit(PLACED, |schema| schema["$defs"]["Sku"]["pattern"] = "^[0-9a-z-]{1,20}$".into());
    let (found, _) = place.check(&[]);
    let [found] = found["incompatible"].as_array().unwrap().as_slice() else { panic!("{found}") };
    let data = &found["witness"]["event"]["data"];
    assert_eq!(data["customer"]["id"], "cus_ada", "only one value differs from the sample: {found}");
    assert!(data["lines"].as_array().unwrap().iter().any(|line| line["sku"].as_str().unwrap().len() > 20), "{found}");
}

#[test]
fn a_deleted_schema_is_incompatible_and_a_new_one_is_fine() {
    let place = Place::committed();
    fs::rename(place.path(PLACED), place.path("events/orders.order.placed/v3.schema.json")).unwrap();
    let (found, code) = place.check(&[]);
    let [found] = found["incompatible"].as_array().unwrap().as_slice() else { panic!("{found}") };
    assert_eq!((code, &found["direction"]), (Some(1), &Value::from("deleted")));
    assert_eq!(found["witness"]["event"]["schemaversion"], 2);
}

#[test]
fn outside_a_repository_a_folder_is_compared_with() {
    let place = Place::new();
    let output = place.contracts(&["check"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("error[no_revision]"), "{}", text(&output.stderr));

    copy(&place.path("events"), &place.path("before"));
    assert_eq!(place.check(&["--against", "before"]).1, Some(0));
    fs::remove_file(place.path("events/orders.order.fulfil/v1.schema.json")).unwrap();
    assert_eq!(place.check(&["--against", "before"]).0["incompatible"][0]["direction"], "deleted");
}

#[test]
fn a_revision_that_is_not_there_is_named() {
    let output = Place::committed().contracts(&["check", "--against", "v9"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("\"v9\""), "{}", text(&output.stderr));
}

#[test]
fn what_drifted_is_generated_again() {
    let place = Place::committed();
    fs::remove_file(place.path(PLACED)).unwrap();
    let output = place.contracts(&["generate"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), format!("{PLACED}\n")));
    assert_eq!(place.check(&[]).1, Some(0));
}

#[test]
fn a_removed_optional_member_frees_its_name() {
    let place = Place::committed();
    copy(&place.path("events"), &place.path("before"));
    let add = |schema: &mut Value| schema["properties"]["note"] = serde_json::json!({ "type": "string" });
    place.edit("before/orders.order.placed/v2.schema.json", add);
    let (found, _) = place.check(&["--against", "before"]);
    let [found] = found["incompatible"].as_array().unwrap().as_slice() else { panic!("{found}") };
    assert_eq!(found["direction"], "new_event_old_consumer");
    let note = &found["witness"]["event"]["data"]["note"];
    assert!(found["witness"]["event"]["data"].get("note").is_some() && !note.is_string(), "{found}");
}
