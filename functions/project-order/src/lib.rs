//! The `project-order` function.
