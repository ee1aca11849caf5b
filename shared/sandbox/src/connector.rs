//! The local cloud as the HTTP connector of an SDK client in the same process.
