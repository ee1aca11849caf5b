//! The reference workflow's vocabulary: its events and domain rules.
