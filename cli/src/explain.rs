//! `throughline explain`: what an error code means, and what to do.

use crate::args;
use crate::error::{CliError, Exit};
use crate::output;

/// The pages. A page's first line names the codes that it is about: `` # `gap`, `contention` ``.
const PAGES: &[&str] = &[
    include_str!("../../docs/errors/aws.md"),
    include_str!("../../docs/errors/bad_attribute.md"),
    include_str!("../../docs/errors/boot_failed.md"),
    include_str!("../../docs/errors/build_failed.md"),
    include_str!("../../docs/errors/circuit_open.md"),
    include_str!("../../docs/errors/command_refused.md"),
    include_str!("../../docs/errors/condition_failed.md"),
    include_str!("../../docs/errors/contention.md"),
    include_str!("../../docs/errors/contract_broken.md"),
    include_str!("../../docs/errors/contract_drift.md"),
    include_str!("../../docs/errors/contract_incompatible.md"),
    include_str!("../../docs/errors/contract_violated.md"),
    include_str!("../../docs/errors/deadline.md"),
    include_str!("../../docs/errors/function_crashed.md"),
    include_str!("../../docs/errors/gap.md"),
    include_str!("../../docs/errors/interrupted.md"),
    include_str!("../../docs/errors/key_reused.md"),
    include_str!("../../docs/errors/no_payment_gateway.md"),
    include_str!("../../docs/errors/no_revision.md"),
    include_str!("../../docs/errors/no_sequence.md"),
    include_str!("../../docs/errors/not_an_event.md"),
    include_str!("../../docs/errors/not_found.md"),
    include_str!("../../docs/errors/not_published.md"),
    include_str!("../../docs/errors/once.md"),
    include_str!("../../docs/errors/order_races.md"),
    include_str!("../../docs/errors/order_rules.md"),
    include_str!("../../docs/errors/outside.md"),
    include_str!("../../docs/errors/panicked.md"),
    include_str!("../../docs/errors/payment.md"),
    include_str!("../../docs/errors/port_taken.md"),
    include_str!("../../docs/errors/process_died.md"),
    include_str!("../../docs/errors/redrive.md"),
    include_str!("../../docs/errors/registry_unreadable.md"),
    include_str!("../../docs/errors/runtime.md"),
    include_str!("../../docs/errors/saga_step.md"),
    include_str!("../../docs/errors/sample.md"),
    include_str!("../../docs/errors/seed_broken.md"),
    include_str!("../../docs/errors/service_unavailable.md"),
    include_str!("../../docs/errors/setting.md"),
    include_str!("../../docs/errors/storage.md"),
    include_str!("../../docs/errors/story_failed.md"),
    include_str!("../../docs/errors/template.md"),
    include_str!("../../docs/errors/tombstone.md"),
    include_str!("../../docs/errors/too_large.md"),
    include_str!("../../docs/errors/undeclared_effect.md"),
    include_str!("../../docs/errors/unexpected.md"),
    include_str!("../../docs/errors/unknown_code.md"),
    include_str!("../../docs/errors/unknown_version.md"),
    include_str!("../../docs/errors/upcast_failed.md"),
    include_str!("../../docs/errors/waits_behind.md"),
    include_str!("../../docs/errors/write_refused.md"),
    include_str!("../../docs/errors/written_twice.md"),
];

/// How many suggestions are made at most.
const SUGGESTIONS: usize = 3;

/// Prints the page of a code, or all codes.
///
/// # Errors
/// A code that has no page.
pub(crate) fn run(options: &args::Explain) -> Result<(), CliError> {
    let Some(code) = &options.code else {
        output::print(&list());
        return Ok(());
    };
    match page(code) {
        Some(page) => output::print(page),
        None => return Err(unknown(code)),
    }
    Ok(())
}

/// Every code with the first sentence of its page, sorted.
fn list() -> String {
    let mut rows: Vec<_> = PAGES.iter().flat_map(|page| codes(page).map(|code| (code, summary(page)))).collect();
    rows.sort_unstable();
    let width = rows.iter().map(|(code, _)| code.len()).max().unwrap_or_default();
    rows.iter().map(|(code, summary)| format!("{code:width$}  {summary}\n")).collect()
}

fn page(code: &str) -> Option<&'static str> {
    PAGES.iter().find(|page| codes(page).any(|of| of == code)).copied()
}

/// The codes in a page's first line.
fn codes(page: &'static str) -> impl Iterator<Item = &'static str> {
    page.lines().next().unwrap_or_default().split('`').skip(1).step_by(2)
}

/// The first sentence below the first line.
fn summary(page: &'static str) -> String {
    let text: Vec<_> = page.lines().skip(2).take_while(|line| !line.is_empty()).collect();
    let text = text.join(" ");
    text.split_once(". ").map_or(text.clone(), |(first, _)| format!("{first}."))
}

fn unknown(code: &str) -> CliError {
    let mut near: Vec<_> = PAGES.iter().flat_map(|page| codes(page)).map(|of| (distance(code, of), of)).collect();
    near.sort_unstable();
    // Names that share a word's length of letters are near; others would only be noise.
    let near: Vec<_> = near.iter().filter(|(far, of)| far * 2 <= of.len().max(4) || of.contains(code)).collect();
    let near: Vec<_> = near.iter().take(SUGGESTIONS).map(|(_, of)| format!("`{of}`")).collect();
    let help = match near.is_empty() {
        true => "`throughline explain` lists the codes.".to_owned(),
        false => format!("Did you mean {}? `throughline explain` lists them all.", near.join(" or ")),
    };
    CliError::new(Exit::NotFound, "unknown_code", format!("there is no error code `{code}`"), help)
}

/// How many letters are to be added, left out or replaced to make `a` into `b`.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (above, letter) in (1..).zip(a.chars()) {
        let mut next = vec![above];
        for ((pair, other), left) in row.windows(2).zip(b.chars()).zip(0..) {
            let [corner, top] = pair else { continue };
            let so_far = next.get(left).copied().unwrap_or(above);
            next.push((corner + usize::from(letter != other)).min(top + 1).min(so_far + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};

    use regex::Regex;

    use super::*;

    /// Where codes are made.
    const SOURCES: [&str; 8] = [
        "cli/src",
        "functions",
        "shared/contracts/src",
        "shared/effects/src",
        "shared/envelope/src",
        "shared/orders/src",
        "shared/runtime/src",
        "shared/sandbox/src/template",
    ];

    /// How they are made; `=>` in files of errors only.
    const MAKERS: [&str; 3] = [
        r#"(?:Failure::(?:transient|permanent|poison)|CliError::(?:environment|failed))\(\s*"([a-z_]+)""#,
        r#"CliError::new\(\s*Exit::\w+,\s*"([a-z_]+)""#,
        r#"\.(?:or_fail|or_retry|permanent|transient|poison)\(\s*"([a-z_]+)""#,
    ];
    const ARM: &str = r#"=> "([a-z]+_[a-z_]+)","#;

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_str().unwrap();
            match path.is_dir() {
                true if name != "tests" => sources(&path, found),
                false if name.ends_with(".rs") && name != "tests.rs" => found.push(path),
                _ => {}
            }
        }
    }

    /// A source without comments and without the tests at its end.
    fn code(path: &Path) -> String {
        let text = fs::read_to_string(path).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
    }

    /// Every code in the sources, and where it is made.
    fn made() -> BTreeMap<String, PathBuf> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut files = Vec::new();
        for folder in SOURCES {
            sources(&root.join(folder), &mut files);
        }
        let mut made = BTreeMap::new();
        for file in files {
            let text = code(&file);
            let mut patterns = MAKERS.to_vec();
            if file.ends_with("error.rs") {
                patterns.push(ARM);
            }
            for pattern in patterns {
                let pattern = Regex::new(pattern).unwrap();
                made.extend(pattern.captures_iter(&text).map(|found| (found[1].to_owned(), file.clone())));
            }
        }
        made
    }

    #[test]
    fn every_code_in_the_sources_has_a_page() {
        let made = made();
        for known in ["no_revision", "gap", "not_an_event", "contract_violated", "out_of_stock", "panicked"] {
            assert!(made.contains_key(known), "{known} was not found in the sources: mend the patterns");
        }
        let missing: Vec<_> = made.iter().filter(|(code, _)| page(code).is_none()).collect();
        assert!(missing.is_empty(), "without a page in docs/errors: {missing:#?}");
    }

    #[test]
    fn every_page_is_in_the_table_and_no_code_has_two() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors");
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let text = fs::read_to_string(&path).unwrap();
            assert!(PAGES.contains(&text.as_str()), "{}", path.display());
            assert!(text.starts_with("# `") && text.contains("\n**Why.**") && text.contains("\n**What to do.**"));
        }
        let mut codes: Vec<_> = PAGES.iter().flat_map(|page| codes(page)).collect();
        codes.sort_unstable();
        let all = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }

    #[test]
    fn the_list_has_a_line_for_each_code() {
        let list = list();
        assert!(list.contains("\ngap "), "{list}");
        assert!(list.lines().all(|line| line.ends_with('.')), "{list}");
    }

    #[test]
    fn what_is_mistyped_is_suggested() {
        assert_eq!((distance("gap", "gap"), distance("gpa", "gap"), distance("", "gap")), (0, 2, 3));
        let said = format!("{:?}", unknown("template_syntx"));
        assert!(said.contains("Did you mean `template_syntax`"), "{said}");
        assert!(!format!("{:?}", unknown("qqqqqqqqqqqqqq")).contains("Did you mean"));
    }
}
