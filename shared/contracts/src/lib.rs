//! Event contracts: names, versions, schemas, validation at both ends, upcasting, the registry.
