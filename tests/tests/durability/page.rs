//! The page of guarantees.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;

#[test]
fn every_test_that_the_page_of_guarantees_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(root.join("docs/guarantees.md")).unwrap();
    let named = Regex::new(r"`([\w/.-]+\.rs)::(\w+)`").unwrap();
    let tests: BTreeSet<_> =
        named.captures_iter(&page).map(|found| (found[1].to_owned(), found[2].to_owned())).collect();
    assert!(tests.len() > 50, "{tests:?}");
    let missing: Vec<_> = tests.iter().filter(|(file, test)| !is_there(&root.join(file), test)).collect();
    assert!(missing.is_empty(), "no such tests: {missing:?}");
}

/// Whether a file has a function of that name, or a story of the table of deaths.
fn is_there(file: &Path, test: &str) -> bool {
    let source = fs::read_to_string(file).unwrap_or_default();
    source.contains(&format!(" {test}()")) || source.contains(&format!("    {test}: {{"))
}

#[test]
fn every_mutation_that_the_page_names_is_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let read = |page: &str| fs::read_to_string(root.join("docs").join(page)).unwrap();
    let (guarantees, simulation) = (read("guarantees.md"), read("simulation.md"));
    let mutations = simulation.split_once("## Mutations").unwrap().1;
    let rows = guarantees.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| guarantee"));
    let cells = rows.filter_map(|row| row.trim_end_matches(" |").rsplit(" | ").next().map(str::trim));
    let cells: Vec<_> =
        cells.filter(|cell| !cell.contains(".rs::") && !cell.is_empty() && *cell != "the same").collect();
    assert!(cells.len() > 10, "{cells:?}");
    for mutation in cells.iter().flat_map(|cell| cell.split("; ")) {
        assert!(mutations.contains(mutation), "{mutation} is no mutation of simulation.md");
    }
}
