//! End to end: the real binaries, built by the command itself, in a local cloud over TCP.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[test]
fn the_demo_tells_five_stories_that_end_as_they_must() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_throughline"))
        .args(["demo", "--json"])
        .current_dir(root)
        .env_remove("AWS_ENDPOINT_URL")
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let broken: Vec<&Value> = told.as_array().unwrap().iter().filter(|story| story["ok"] != true).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    assert_eq!(told.as_array().unwrap().len(), 5);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
