//! The same seed gives the same journal, byte for byte.

use std::process::Command;

use throughline_simulation::workflow::Settings;

use super::{holds, simulation};

const SEED: u64 = 3;
const ORDERS: u32 = 12;

#[test]
fn the_same_seed_gives_the_same_journal_and_another_seed_another() {
    let settings = Settings::of(SEED).workflows(ORDERS);
    let (one, other) = (holds(&settings), holds(&settings));
    assert!(one.journal.len() > 100, "{} lines", one.journal.len());
    assert_eq!(one.struck, other.struck);
    assert_eq!(one.journal, other.journal);
    let third = simulation().run(&Settings::of(SEED + 1).workflows(ORDERS)).unwrap();
    assert_ne!(one.journal, third.journal);
}

#[test]
fn another_process_writes_the_same_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulate"));
    command.args(["--seed", &SEED.to_string(), "--orders", &ORDERS.to_string(), "--journal"]).arg(&path);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let here = holds(&Settings::of(SEED).workflows(ORDERS));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), here.journal.join("\n") + "\n");
}
