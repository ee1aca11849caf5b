//! Templates: intrinsic functions, places of errors, and the project's own template.

mod boot;
mod errors;
mod intrinsics;
mod own;
mod sam;

use std::path::Path;

use super::{ResolveOptions, Template, TemplateErrors, Topology};

fn options() -> ResolveOptions {
    ResolveOptions {
        stack_name: "orders".into(),
        account: "000000000000".into(),
        region: "eu-central-1".into(),
        endpoint: "http://127.0.0.1:4566".into(),
        parameters: Default::default(),
    }
}

fn resolve_with(text: &str, options: &ResolveOptions) -> Result<Topology, TemplateErrors> {
    Template::parse(Path::new("template.yaml"), text)?.resolve(options)
}

fn resolve(text: &str) -> Result<Topology, TemplateErrors> {
    resolve_with(text, &options())
}

/// `code line:column message` of every mistake.
fn mistakes(text: &str) -> Vec<String> {
    let errors = resolve(text).expect_err("the template has mistakes");
    errors.errors().iter().map(|e| format!("{} {}:{} {}", e.code(), e.line(), e.column(), e.message())).collect()
}
