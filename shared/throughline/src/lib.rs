//! The toolkit as functions see it: re-exports and a prelude.
