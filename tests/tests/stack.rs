//! What functions link: the runtime stack, and nothing of the tools.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test panics")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// The crates that are for tools. `record-…` functions write the journal, so they link that one.
const TOOLS: [&str; 8] = [
    "throughline-cli",
    "throughline-conformance",
    "throughline-doubles",
    "throughline-event-pattern",
    "throughline-sandbox",
    "throughline-states-language",
    "throughline-simulation",
    "throughline-tests",
];
const JOURNAL: &str = "throughline-journal";

/// What functions are built for; what other platforms link need not be on this machine.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// The workspace as cargo resolves it.
struct Workspace {
    /// By package id: its name.
    names: BTreeMap<String, String>,
    /// By package id: the packages that it links.
    links: BTreeMap<String, Vec<String>>,
    /// The packages under `functions/`: name and id.
    functions: BTreeMap<String, String>,
}

impl Workspace {
    fn read() -> Self {
        let arguments = ["metadata", "--format-version=1", "--offline", "--locked", "--filter-platform", PLATFORM];
        let output =
            Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        let is_function = |package: &&Value| text(package, "manifest_path").contains("/functions/");
        let pair = |package: &Value| (text(package, "name"), text(package, "id"));
        Self {
            names: packages.iter().map(pair).map(|(name, id)| (id, name)).collect(),
            functions: packages
                .iter()
                .filter(|package| package["source"].is_null())
                .filter(is_function)
                .map(pair)
                .collect(),
            links: metadata["resolve"]["nodes"].as_array().unwrap().iter().map(links).collect(),
        }
    }

    /// The names of all that a package links, by way of others as well.
    fn linked_by(&self, id: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let new = self.links[id].iter().map(String::as_str).filter(|linked| seen.insert(*linked));
            open.extend(new.collect::<Vec<_>>());
        }
        seen.into_iter().map(|id| self.names[id].as_str()).collect()
    }
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap().to_owned()
}

/// What a package links: dependencies of the normal kind, not those of its tests or build scripts.
fn links(node: &Value) -> (String, Vec<String>) {
    let dependencies = node["deps"].as_array().unwrap().iter();
    let linked = dependencies.filter(|dependency| {
        let kinds = dependency["dep_kinds"].as_array().unwrap();
        kinds.iter().any(|kind| kind["kind"].is_null())
    });
    (text(node, "id"), linked.map(|dependency| text(dependency, "pkg")).collect())
}

#[test]
fn no_function_links_a_tools_crate() {
    let workspace = Workspace::read();
    assert_eq!(workspace.functions.len(), 17, "{:?}", workspace.functions.keys());
    for (function, id) in &workspace.functions {
        let linked = workspace.linked_by(id);
        assert!(linked.contains("throughline-runtime"), "{function} is not a function: {linked:?}");
        let tools: Vec<_> = TOOLS.iter().filter(|tool| linked.contains(*tool)).collect();
        assert!(tools.is_empty(), "{function} links {tools:?}");
        let records = function.starts_with("record-");
        assert_eq!(linked.contains(JOURNAL), records, "{function} and {JOURNAL}");
    }
}

#[test]
fn every_crate_of_ours_is_known_to_be_for_functions_or_for_tools() {
    let runtime = ["", "-contracts", "-effects", "-envelope", "-orders", "-runtime", "-saga", "-telemetry"];
    let runtime = runtime.map(|suffix| format!("throughline{suffix}"));
    let workspace = Workspace::read();
    let ours = workspace.names.values().filter(|name| name.starts_with("throughline"));
    let unknown: Vec<_> =
        ours.filter(|name| !runtime.contains(name) && !TOOLS.contains(&name.as_str()) && *name != JOURNAL).collect();
    assert!(unknown.is_empty(), "neither for functions nor for tools: {unknown:?}");
}

#[test]
fn functions_have_one_tls_stack() {
    let workspace = Workspace::read();
    for (function, id) in &workspace.functions {
        let linked = workspace.linked_by(id);
        let others: Vec<_> =
            ["aws-config", "aws-lc-rs", "openssl"].iter().filter(|name| linked.contains(*name)).collect();
        assert!(others.is_empty(), "{function} links {others:?}");
    }
}
