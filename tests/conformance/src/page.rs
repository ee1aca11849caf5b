//! `docs/conformance.md`: the tables in it are written from the cases and the lists.

use std::fmt::Write as _;

use crate::case::{Case, Group};
use crate::unsupported::Unsupported;

/// Starts the written part of the page; everything after it is written.
pub const MARK: &str = "<!-- written by the suite: everything below -->\n";

/// A backend's column.
#[derive(Debug)]
pub struct Column<'a> {
    /// What people call it.
    pub title: &'a str,
    /// Whether its time is virtual.
    pub virtual_time: bool,
    /// The run that says so.
    pub run: &'a str,
    /// What it can't do.
    pub unsupported: &'a Unsupported,
}

/// How many cases of a column pass, are listed, and do not run.
struct Counts {
    passed: usize,
    listed: usize,
    left_out: usize,
}

/// The written part.
pub fn render(groups: &[Group], columns: &[Column<'_>]) -> String {
    let mut page = String::from("\n| backend | passed | listed | needs virtual time | says |\n|---|--:|--:|--:|---|\n");
    for column in columns {
        let _ = writeln!(page, "{}", row(groups, column));
    }
    page.push_str("\n## What is listed, and why\n");
    for column in columns.iter().filter(|column| column.unsupported.iter().next().is_some()) {
        let _ = writeln!(page, "\n### {}\n\n| case | reason |\n|---|---|", column.title);
        for (name, reason) in column.unsupported.iter() {
            let _ = writeln!(page, "| `{name}` | {reason} |");
        }
    }
    page.push_str("\n## The cases\n");
    for group in groups {
        let _ = writeln!(page, "\n### {}\n\n| case | fact |\n|---|---|", group.name);
        for case in group.cases {
            let hours = if case.virtual_time { " *(virtual time)*" } else { "" };
            let _ =
                writeln!(page, "| `{}`{hours} | {} ([AWS]({})) |", case.name, case.fact.replace('|', "\\|"), case.page);
        }
    }
    page
}

fn row(groups: &[Group], column: &Column<'_>) -> String {
    let Counts { passed, listed, left_out } = count(groups, column);
    format!("| {} | {passed} | {listed} | {left_out} | {} |", column.title, column.run)
}

/// Whether a run of every case ended as the table has it: with so many that passed, and so many that failed as listed.
pub fn agrees(groups: &[Group], column: &Column<'_>, passed: usize, listed: usize) -> bool {
    let counts = count(groups, column);
    (counts.passed, counts.listed) == (passed, listed)
}

fn count(groups: &[Group], column: &Column<'_>) -> Counts {
    let mut counts = Counts { passed: 0, listed: 0, left_out: 0 };
    for (name, case) in groups.iter().flat_map(|group| group.cases.iter().map(|case| (group.full_name(case), case))) {
        match runs(case, column.virtual_time) {
            false => counts.left_out += 1,
            true if column.unsupported.reason(&name).is_some() => counts.listed += 1,
            true => counts.passed += 1,
        }
    }
    counts
}

/// Whether a case runs where time is, or is not, virtual.
pub fn runs(case: &Case, virtual_time: bool) -> bool {
    virtual_time || !case.virtual_time
}
