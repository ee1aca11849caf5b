//! Functions as processes, on real time. This program is also the function: started with Lambda's variables it speaks
//! the Runtime API instead of running tests.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests, though without the attribute that says so; and a function that reads its own variables"
)]

mod bootstrap;
mod cases;
mod raw;

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(api) = std::env::var_os("AWS_LAMBDA_RUNTIME_API") {
        return bootstrap::run(&api.to_string_lossy());
    }
    if std::env::var_os("PROCESSES_TEST_HOST").is_some() {
        runtime().block_on(cases::host());
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if has("--list") {
        let ignored = has("--ignored");
        for (name, _) in cases::ALL.iter().filter(|_| !ignored) {
            println!("{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    let exact = has("--exact");
    let selects = |name: &str| {
        wanted.is_empty() || wanted.iter().any(|w| if exact { *w == name } else { name.contains(w.as_str()) })
    };
    for (name, case) in cases::ALL.iter().filter(|(name, _)| selects(name)) {
        runtime().block_on(case());
        println!("test {name} ... ok");
    }
    ExitCode::SUCCESS
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}
