//! Past findings stay mended.

use std::path::Path;

use throughline_simulation::workflow::read_corpus;

use super::simulation;

#[test]
fn past_findings_are_not_found_again() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("simulation/corpus.json");
    for case in read_corpus(&path).unwrap() {
        let finding = case.find(&simulation()).unwrap();
        assert!(finding.is_none(), "{}\n{}", case.why, finding.unwrap());
    }
}
