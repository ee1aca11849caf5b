//! The lists of what backends can't do, and the page that shows them.

use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use throughline_conformance::page::{self, Column, MARK};
use throughline_conformance::{Settings, Unsupported};

use crate::GROUPS;

/// The backends of the page: name, title, whether time is virtual.
const BACKENDS: [(&str, &str, bool); 4] = [
    ("in-process", "local cloud, in process", true),
    ("tcp", "local cloud, over TCP", false),
    ("localstack", "LocalStack 4.14.0", false),
    ("ministack", "ministack 1.5.33", false),
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
        Trial::test("lists::the_page_is_current", move || the_page_is_current(writes).map_err(Failed::from)),
    ]
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
    let columns = BACKENDS.iter().zip(&lists).map(|((_, title, virtual_time), unsupported)| Column {
        title,
        virtual_time: *virtual_time,
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
