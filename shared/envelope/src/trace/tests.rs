use super::*;
use crate::Ambient;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn error(traceparent: &str) -> TraceError {
    TraceContext::parse(traceparent, None).unwrap_err()
}

#[test]
fn a_traceparent_survives_the_round_trip() {
    let context = TraceContext::parse(PARENT, Some("congo=t61rcWkgMzE")).unwrap();
    assert_eq!(context.traceparent(), PARENT);
    assert_eq!(context.state.as_deref(), Some("congo=t61rcWkgMzE"));
    assert_eq!(context.parent_span_id, None);
}

#[test]
fn a_child_keeps_the_trace_and_knows_its_parent() {
    let ambient = Ambient::seeded(jiff::Timestamp::UNIX_EPOCH, 1);
    let parent = TraceContext::parse(PARENT, None).unwrap();
    let child = parent.child(&ambient);
    assert_eq!((child.trace_id, child.parent_span_id), (parent.trace_id, Some(parent.span_id)));
    assert_ne!(child.span_id, parent.span_id);
}

#[test]
fn every_broken_part_is_named() {
    assert_eq!(error("00-1"), TraceError::Shape);
    assert_eq!(error(&format!("{PARENT}-x")), TraceError::Shape);
    assert_eq!(error(&PARENT.replace("00-", "ff-")), TraceError::Version);
    assert_eq!(error(&PARENT.replace("00-", "0-")), TraceError::Hex { part: "version", digits: 2 });
    assert_eq!(error(&PARENT.replace("0af7", "0AF7")), TraceError::Hex { part: "trace id", digits: 32 });
    assert_eq!(error(&PARENT.replace("b7ad", "b7a")), TraceError::Hex { part: "parent id", digits: 16 });
    assert_eq!(error(&PARENT.replace("-01", "-0x")), TraceError::Hex { part: "flags", digits: 2 });
    assert_eq!(error(&format!("00-{}-b7ad6b7169203331-01", "0".repeat(32))), TraceError::Zero { part: "trace id" });
    assert_eq!(error(&PARENT.replace("b7ad6b7169203331", &"0".repeat(16))), TraceError::Zero { part: "parent id" });
}

#[test]
fn a_later_version_may_be_longer() {
    assert!(TraceContext::parse(&format!("{}-more", PARENT.replace("00-", "01-")), None).is_ok());
}

#[test]
fn a_broken_tracestate_costs_nothing_but_itself() {
    let context = TraceContext::parse(PARENT, Some("naïve=1")).unwrap();
    assert_eq!(context.state, None);
}

#[test]
fn a_derived_context_is_the_same_for_everyone() {
    assert_eq!(TraceContext::derived("a"), TraceContext::derived("a"));
    assert_ne!(TraceContext::derived("a").trace_id, TraceContext::derived("b").trace_id);
}
