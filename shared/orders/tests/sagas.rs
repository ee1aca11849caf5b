//! The state machines in `infra/sagas/` say what the code says.

use std::fs;
use std::path::{Path, PathBuf};

use throughline_orders::sagas;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_state_machines_do_not_drift() {
    let mend = "run `cargo run -p throughline-orders --example sagas`, then tell what changed in the changelog";
    for saga in sagas::all().unwrap() {
        let path = root().join("infra/sagas").join(format!("{}.asl.json", saga.name()));
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == saga.to_states_language(), "{} does not say what the code says: {mend}", path.display());
    }
}

#[test]
fn the_pictures_do_not_drift() {
    let docs = root().join("docs");
    let page = fs::read_to_string(docs.join("sagas.md")).unwrap();
    for saga in sagas::all().unwrap() {
        let mend = "run `cargo run -p throughline-orders --example sagas`";
        let svg = fs::read_to_string(docs.join(format!("{}.svg", saga.name()))).unwrap_or_default();
        assert!(svg == saga.to_svg(), "docs/{}.svg is not the saga that the code draws: {mend}", saga.name());
        let drawn = format!("```mermaid\n{}```\n", saga.to_mermaid());
        assert!(page.contains(&drawn), "docs/sagas.md does not draw {} as the code does:\n{drawn}", saga.name());
    }
}

#[test]
fn every_state_machine_has_a_definition() {
    let mut files: Vec<_> = fs::read_dir(root().join("infra/sagas"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".asl.json").map(str::to_owned))
        .collect();
    files.sort();
    let mut defined: Vec<_> = sagas::all().unwrap().iter().map(|saga| saga.name().to_owned()).collect();
    defined.sort();
    assert_eq!(files, defined);
}
