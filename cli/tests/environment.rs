//! A broken environment: one clear error, what to do, and the documented exit code.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

const ONE_FUNCTION: &str = "Transform: AWS::Serverless-2016-10-31
Resources:
  CrashesFunction:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: orders-crashes
      Runtime: provided.al2023
      Handler: bootstrap
      CodeUri: target/lambda/crashes/
";

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

/// Runs a template of one function, `crashes`, in a folder of its own: the command looks for functions beside itself, and here that
/// is beside a link to it. The script is written by another process: a file that this one has open for writing while another
/// test starts a program cannot be run.
fn with_one_function(script: Option<&str>, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::write(folder.path().join("template.yaml"), ONE_FUNCTION).unwrap();
    std::fs::hard_link(env!("CARGO_BIN_EXE_throughline"), folder.path().join("throughline")).unwrap();
    if let Some(script) = script {
        let mut write = Command::new("sh");
        write.args(["-c", "printf '%s' \"$1\" > crashes && chmod 755 crashes", "sh", script]);
        assert!(write.current_dir(folder.path()).status().unwrap().success());
    }
    let mut run = Command::new(folder.path().join("throughline"));
    run.args(arguments).args(["--no-build", "--template", "template.yaml"]).current_dir(folder.path());
    run.env_remove("AWS_ENDPOINT_URL").output().unwrap()
}

#[test]
fn a_function_that_crashes_at_start_is_named_with_what_it_said() {
    let script = "#!/bin/sh\necho 'TABLE_STOCK is not set' >&2\nexit 7\n";
    for arguments in [&["demo"][..], &["dev", "--port", "0", "--invoke-port", "0"]] {
        let output = with_one_function(Some(script), arguments);
        assert_error(&output, 3, "function_crashed", "crashes does not start: exit status: 7: TABLE_STOCK is not set");
    }
}

#[test]
fn a_function_whose_binary_is_missing_is_named() {
    let output = with_one_function(None, &["demo"]);
    assert_error(&output, 3, "build_failed", "crashes has no binary");
}

#[test]
fn an_endpoint_where_nobody_answers_is_exit_code_5() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{free}");
    for command in [&["trace", "order-1"][..], &["failures"], &["queues"], &["functions"]] {
        let output = throughline(&[command, &["--endpoint-url", &endpoint]].concat());
        assert_error(&output, 5, "aws", "failed to");
    }
}

#[test]
fn a_code_that_does_not_exist_is_exit_code_4() {
    assert_error(&throughline(&["explain", "no_such_code"]), 4, "unknown_code", "no_such_code");
}

#[test]
fn a_sample_that_is_not_there_is_exit_code_4() {
    let output = throughline(&["send", "events/no-such-sample.json"]);
    assert_error(&output, 4, "sample_unreadable", "no-such-sample.json");
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
