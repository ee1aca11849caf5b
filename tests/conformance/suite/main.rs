//! The conformance suite. `docs/conformance.md` says how to run it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests, though without the attribute that says so"
)]

mod divergences;
mod given;
mod lists;
mod report;

mod dynamodb;
mod eventbridge;
mod lambda;
mod logs;
mod mappings;
mod sqs;
mod step_functions;
mod streams;

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use throughline_conformance::{Backend, BackendError, Case, Group, Settings, page};

use report::{Ended, Report};

/// Every case, by topic.
pub(crate) const GROUPS: &[Group] = &[
    Group { name: "sqs", cases: sqs::CASES },
    Group { name: "sqs_batches", cases: sqs::batches::CASES },
    Group { name: "sqs_fifo", cases: sqs::fifo::CASES },
    Group { name: "sqs_redrive", cases: sqs::redrive::CASES },
    Group { name: "dynamodb", cases: dynamodb::CASES },
    Group { name: "dynamodb_reads", cases: dynamodb::reads::CASES },
    Group { name: "transactions", cases: dynamodb::transactions::CASES },
    Group { name: "streams", cases: streams::CASES },
    Group { name: "eventbridge", cases: eventbridge::CASES },
    Group { name: "targets", cases: eventbridge::targets::CASES },
    Group { name: "archives", cases: eventbridge::archives::CASES },
    Group { name: "lambda", cases: lambda::CASES },
    Group { name: "asynchronous", cases: lambda::asynchronous::CASES },
    Group { name: "mappings", cases: mappings::CASES },
    Group { name: "stream_mappings", cases: mappings::of_streams::CASES },
    Group { name: "step_functions", cases: step_functions::CASES },
    Group { name: "states", cases: step_functions::states::CASES },
    Group { name: "callbacks", cases: step_functions::callbacks::CASES },
    Group { name: "integrations", cases: step_functions::integrations::CASES },
    Group { name: "logs", cases: logs::CASES },
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Cases wait much more than they work.
    arguments.test_threads = arguments.test_threads.or(Some(48));
    let settings = Settings::from_env();
    let report = Report::default();
    let mut trials = lists::trials(&settings);
    let backends = match backends(&settings) {
        Ok(backends) => backends,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    if settings.endpoint().is_none() {
        trials.extend(divergences::trials(&backends));
    }
    for backend in backends {
        trials.extend(trials_of(&backend, &report));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    report.print();
    let whole = arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.list && !arguments.ignored;
    let other = if whole { report.other_than_the_page() } else { Vec::new() };
    for backend in &other {
        eprintln!("error: {backend} did not end as docs/conformance.md says");
    }
    if other.is_empty() { conclusion.exit_code() } else { ExitCode::FAILURE }
}

fn backends(settings: &Settings) -> Result<Vec<Backend>, BackendError> {
    let program = Path::new(env!("CARGO_BIN_EXE_conformance-function"));
    match settings.endpoint() {
        Some(url) => Ok(vec![Backend::endpoint(settings, url, program)?]),
        None => Ok(vec![Backend::in_process(), Backend::tcp(settings, program)?]),
    }
}

fn trials_of(backend: &Backend, report: &Report) -> Vec<Trial> {
    let listed = lists::of(&backend.name);
    let cases = GROUPS.iter().flat_map(|group| group.cases.iter().map(move |case| (group.full_name(case), case)));
    let numbered = cases.enumerate().filter(|(_, (_, case))| page::runs(case, backend.has_virtual_time()));
    let trials = numbered.map(|(number, (name, case))| {
        let (backend, report) = (backend.clone(), report.clone());
        let reason = listed.reason(&name).map(str::to_owned);
        Trial::test(format!("{}::{name}", backend.name), move || {
            run(&backend, case, number, reason.as_deref(), &report).map_err(Failed::from)
        })
    });
    trials.collect()
}

/// Runs a case. One that is listed has to fail.
fn run(backend: &Backend, case: &Case, number: usize, listed: Option<&str>, report: &Report) -> Result<(), String> {
    let ended = backend.run(case, number);
    let (result, ended) = match (ended, listed) {
        (Ok(()), None) => (Ended::Passed, Ok(())),
        (Ok(()), Some(reason)) => {
            (Ended::Failed, Err(format!("it passes, but is listed: {reason}. Take it off the list.")))
        }
        (Err(_), Some(_)) => (Ended::Listed, Ok(())),
        (Err(failure), None) => (Ended::Failed, Err(format!("{failure}\nAWS: {}\n     {}", case.fact, case.page))),
    };
    report.add(&backend.name, result);
    ended
}
