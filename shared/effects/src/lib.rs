//! Effects as data, their transactional commit, the publisher and the outbox relay.
