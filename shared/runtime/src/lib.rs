//! Functions: handlers, triggers, the batch runner and failure classes.
