//! The order workflow, from a client's command to what the customer hears: the template in the local cloud, every function's
//! code in this process, on virtual time.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test panics")]

mod attention;
mod crashes;
mod delivery;
mod failures;
mod gateway;
mod journal;
mod order;
mod orders;

/// A story that is told in process only is in the docs, with the reason.
#[test]
fn the_docs_list_every_story_that_is_told_in_process_only() {
    let docs = include_str!("../../../docs/localstack.md");
    let rows: Vec<&str> =
        docs.lines().filter(|line| line.starts_with("| `") && line.matches('|').count() == 3).collect();
    let mut expected = Vec::new();
    for (reason, stories) in
        [attention::IN_PROCESS, crashes::IN_PROCESS, gateway::IN_PROCESS, journal::IN_PROCESS, order::IN_PROCESS]
    {
        let reasons = std::iter::once(reason).chain(std::iter::repeat("the same"));
        expected.extend(stories.iter().zip(reasons).map(|(story, reason)| format!("| `{story}` | {reason} |")));
    }
    assert_eq!(rows, expected);
}
