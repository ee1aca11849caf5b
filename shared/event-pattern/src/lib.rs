//! EventBridge event patterns: parse, validate, match, explain.
