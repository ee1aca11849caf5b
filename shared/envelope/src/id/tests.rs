use super::*;
use crate::Ambient;

fn ambient() -> Ambient {
    Ambient::seeded("2026-11-24T10:00:00Z".parse().unwrap(), 1)
}

#[test]
fn generated_ids_parse_as_their_own_kind() {
    let event = EventId::generate(&ambient());
    assert_eq!(EventId::parse(event.as_str()).unwrap(), event);
    let saga = SagaId::generate(&ambient());
    assert_eq!(SagaId::parse(saga.as_str()).unwrap(), saga);
    assert!(saga.as_str().len() <= 80);
    CorrelationId::parse(CorrelationId::generate(&ambient()).as_str()).unwrap();
    FailureId::parse(FailureId::generate(&ambient()).as_str()).unwrap();
}

#[test]
fn a_foreign_event_id_is_kept() {
    assert_eq!(EventId::parse("A234-1234-1234").unwrap().as_str(), "A234-1234-1234");
}

#[test]
fn another_kind_of_id_is_refused() {
    let found = Some("saga_");
    assert_eq!(EventId::parse("saga_1"), Err(IdError::Prefix { expected: "evt_", found }));
    assert_eq!(CorrelationId::parse("saga_1"), Err(IdError::Prefix { expected: "cor_", found }));
    assert_eq!(CorrelationId::parse("1"), Err(IdError::Prefix { expected: "cor_", found: None }));
}

#[test]
fn a_prefix_alone_is_no_id() {
    assert_eq!(EventId::parse("evt_"), Err(IdError::Empty));
    assert_eq!(EventId::parse(""), Err(IdError::Empty));
}

#[test]
fn a_saga_id_is_an_execution_name() {
    assert_eq!(SagaId::parse("saga_a.b"), Err(IdError::Character { found: '.' }));
    assert_eq!(SagaId::parse(&format!("saga_{}", "a".repeat(76))), Err(IdError::TooLong { longest: 80 }));
    assert!(SagaId::parse(&format!("saga_{}", "a".repeat(75))).is_ok());
}

#[test]
fn nothing_invisible_is_in_an_id() {
    assert_eq!(EventId::parse("a b"), Err(IdError::Character { found: ' ' }));
    assert_eq!(EventId::parse("a\u{0}"), Err(IdError::Character { found: '\u{0}' }));
}

#[test]
fn a_derived_correlation_id_depends_on_source_and_id() {
    let id = EventId::parse("1").unwrap();
    let derived = CorrelationId::derived("shop", &id);
    assert_eq!(derived, CorrelationId::derived("shop", &id));
    assert_ne!(derived, CorrelationId::derived("shop2", &id));
    assert_ne!(derived, CorrelationId::derived("sho", &EventId::parse("p1").unwrap()));
    CorrelationId::parse(derived.as_str()).unwrap();
}

#[test]
fn ids_are_text_in_json_and_checked_when_read() {
    let id: EventId = serde_json::from_str("\"evt_1\"").unwrap();
    assert_eq!(serde_json::to_string(&id).unwrap(), "\"evt_1\"");
    let wrong = serde_json::from_str::<EventId>("\"cor_1\"").unwrap_err().to_string();
    assert!(wrong.starts_with("the id should begin with `evt_` but begins with `cor_`"), "{wrong}");
}
