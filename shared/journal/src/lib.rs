//! The journal: writing what functions said, reading life cycles and failures.
