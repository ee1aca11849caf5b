//! A wrong handler is a compile error that a person can act on.

#[test]
fn wrong_handlers_are_readable_errors() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
