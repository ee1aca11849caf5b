//! The lists of what backends can't do, and the page that shows them.

use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use throughline_conformance::page::{self, Column, MARK};
use throughline_conformance::{Settings, Unsupported};

use crate::GROUPS;

/// The backends of the page: name, title, whether time is virtual, and which run says what its row does.
const BACKENDS: [(&str, &str, bool, &str); 4] = [
    ("in-process", "local cloud, in process", true, "every `cargo test`"),
    ("tcp", "local cloud, over TCP", false, "every `cargo test`"),
    ("localstack", "LocalStack 4.14.0", false, "`tests/localstack/run`, in CI"),
    ("ministack", "ministack 1.5.33", false, "a run by hand, when its list was last changed"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("unsupported")
}

/// A backend's list; empty where there is none.
pub(crate) fn of(backend: &str) -> Unsupported {
    let text = std::fs::read_to_string(folder().join(format!("{backend}.txt"))).unwrap_or_default();
    Unsupported::parse(&text).unwrap_or_else(|error| panic!("unsupported/{backend}.txt: {error}"))
}

/// That the lists name cases, and that the page is as they say.
pub(crate) fn trials(settings: &Settings) -> Vec<Trial> {
    let writes = settings.writes_docs();
    vec![
        Trial::test("lists::name_cases_that_there_are", || lists_name_cases().map_err(Failed::from)),
        Trial::test("lists::names_of_cases_are_their_own", || names_are_unique().map_err(Failed::from)),
        Trial::test("lists::every_divergence_names_its_test", || {
            every_divergence_names_its_test().map_err(Failed::from)
        }),
        Trial::test("lists::the_page_is_current", move || the_page_is_current(writes).map_err(Failed::from)),
    ]
}

/// Whether a run of every case of a backend ended as its row of the page says. A backend without a row has none to agree with.
pub(crate) fn row_agrees(backend: &str, passed: usize, listed: usize) -> bool {
    let Some((_, title, virtual_time, run)) = BACKENDS.iter().find(|(name, ..)| *name == backend) else { return true };
    let unsupported = of(backend);
    let column = Column { title, virtual_time: *virtual_time, run, unsupported: &unsupported };
    page::agrees(GROUPS, &column, passed, listed)
}

fn lists_name_cases() -> Result<(), String> {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        of(&name).check(GROUPS, name == "in-process").map_err(|error| format!("unsupported/{name}.txt: {error}"))?;
    }
    Ok(())
}

fn names_are_unique() -> Result<(), String> {
    let mut names: Vec<String> =
        GROUPS.iter().flat_map(|group| group.cases.iter().map(|case| group.full_name(case))).collect();
    names.sort();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("two cases are called {}", pair[0])),
        None => Ok(()),
    }
}

fn the_page_is_current(writes: bool) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.md");
    let lists: Vec<Unsupported> = BACKENDS.iter().map(|(name, ..)| of(name)).collect();
    let columns = BACKENDS.iter().zip(&lists).map(|((_, title, virtual_time, run), unsupported)| Column {
        title,
        virtual_time: *virtual_time,
        run,
        unsupported,
    });
    let written = page::render(GROUPS, &columns.collect::<Vec<_>>());
    let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let (own, current) = text.split_once(MARK).ok_or("docs/conformance.md has lost its mark")?;
    if writes {
        return std::fs::write(&path, format!("{own}{MARK}{written}")).map_err(|error| error.to_string());
    }
    match current == written {
        true => Ok(()),
        false => Err("docs/conformance.md is not current: run again with THROUGHLINE_CONFORMANCE_WRITE=1".into()),
    }
}

/// In the table of `docs/local-cloud.md` every row names a test.
fn every_divergence_names_its_test() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("docs/local-cloud.md")).map_err(|error| error.to_string())?;
    let (_, section) = text.split_once("## Where it differs from AWS").ok_or("the section is gone")?;
    let mut sources = String::new();
    for folder in ["shared", "tests"] {
        read_sources(&root.join(folder), &mut sources);
    }
    let section = section.split("\n## ").next().unwrap_or_default();
    let mut count = 0;
    for row in section.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |")) {
        count += 1;
        // Every second part stands in backquotes; names of tests are the ones in snake case.
        let quoted = row.split('`').skip(1).step_by(2);
        let is_name = |text: &&str| text.contains('_') && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let tests: Vec<&str> = quoted.filter(is_name).collect();
        if tests.is_empty() {
            return Err(format!("no test is named: {row}"));
        }
        if let Some(name) = tests.iter().find(|name| !sources.contains(&format!("fn {name}("))) {
            return Err(format!("there is no test {name}: {row}"));
        }
    }
    if count > 0 { Ok(()) } else { Err("the table is gone".into()) }
}

fn read_sources(folder: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}
