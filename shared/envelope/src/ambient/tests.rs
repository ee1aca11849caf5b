use jiff::Timestamp;

use super::Ambient;

fn origin() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().unwrap()
}

#[test]
fn the_same_seed_gives_the_same_ids() {
    let (one, two) = (Ambient::seeded(origin(), 7), Ambient::seeded(origin(), 7));
    assert_eq!((one.uuid7(), one.random_u64()), (two.uuid7(), two.random_u64()));
}

#[test]
fn another_seed_gives_other_ids() {
    assert_ne!(Ambient::seeded(origin(), 7).uuid7(), Ambient::seeded(origin(), 8).uuid7());
}

#[test]
fn a_clone_shares_the_randomness() {
    let ambient = Ambient::seeded(origin(), 7);
    assert_ne!(ambient.uuid7(), ambient.clone().uuid7());
}

#[test]
fn a_uuid_carries_the_time_of_the_clock() {
    let uuid = Ambient::seeded(origin(), 7).uuid7();
    assert_eq!(uuid.get_version_num(), 7);
    assert_eq!(uuid.get_timestamp().unwrap().to_unix().0, 1_795_514_400);
}

#[test]
fn the_system_moves_on() {
    let ambient = Ambient::system();
    assert!(ambient.now() > origin().checked_sub(jiff::SignedDuration::from_hours(24 * 365)).unwrap());
    assert_ne!(ambient.uuid7(), ambient.uuid7());
}
