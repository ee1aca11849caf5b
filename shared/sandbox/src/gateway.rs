//! The local cloud over TCP.
