//! A broken environment: one clear error, what to do, and the documented exit code.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

fn throughline(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    Command::new(env!("CARGO_BIN_EXE_throughline"))
        .args(arguments)
        .current_dir(root)
        .env_remove("AWS_ENDPOINT_URL")
        .output()
        .unwrap()
}

fn assert_error(output: &Output, exit: i32, code: &str, says: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{text}");
    assert!(text.contains(&format!("error[{code}]")), "{text}");
    assert!(text.contains(says), "{text}");
    assert!(text.contains("help:"), "{text}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_broken_template_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let template = folder.path().join("template.yaml");
    std::fs::write(&template, "Resources:\n  Lake:\n    Type: AWS::S3::Bucket\n").unwrap();
    let output = throughline(&["demo", "--no-build", "--template", template.to_str().unwrap()]);
    assert_error(&output, 3, "template_broken", "Lake");
    assert!(String::from_utf8_lossy(&output.stderr).contains("template.yaml:"));
}

#[test]
fn a_taken_port_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let output = throughline(&["dev", "--no-build", "--invoke-port", "0", "--port", &port]);
    assert_error(&output, 3, "port_taken", &port);
}

#[test]
fn a_sample_that_breaks_its_contract_is_not_sent() {
    let output = throughline(&["send", "events/broken/breaks-its-contract.json"]);
    assert_error(&output, 1, "sample_broken", "total_cents");
}

#[test]
fn wrong_usage_is_exit_code_2() {
    assert_eq!(throughline(&["no-such-command"]).status.code(), Some(2));
}
