//! Workspace-level suites.
