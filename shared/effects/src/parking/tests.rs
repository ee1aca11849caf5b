use jiff::Timestamp;

use super::{NotMissing, Parked, ParkedKey, Parking, Place, by_sequence};

fn place(id: &str, message: &str, sequence: Option<u64>) -> Place {
    Place {
        key: ParkedKey::new("project", "o-1"),
        id: format!("shop|{id}"),
        event_id: Some(id.to_owned()),
        message_id: message.to_owned(),
        number: Some(format!("{message:0>20}")),
        sequence,
        dead_letter_queue: "dead.fifo".into(),
    }
}

/// The key, parked for this event.
fn parked_for(head: &Place) -> Parked {
    let (parking, parked) = Parked::new(head, Timestamp::UNIX_EPOCH).park(head, Some("why"));
    assert_eq!(parking, Parking::Head { reason: "why".into() });
    parked.unwrap()
}

fn ids(parked: &Parked) -> Vec<&str> {
    parked.in_order().iter().map(|entry| entry.event_id.as_deref().unwrap()).collect()
}

fn behind(head: &str) -> Parking {
    Parking::Behind { head: Some(head.into()) }
}

#[test]
fn later_events_wait_and_go_by_their_sequence() {
    let mut parked = parked_for(&place("evt_5", "1", Some(5)));
    for (id, message, sequence) in [("evt_8", "2", 8), ("evt_6", "3", 6), ("evt_7", "4", 7)] {
        let (parking, changed) = parked.park(&place(id, message, Some(sequence)), None);
        assert_eq!(parking, behind("evt_5"));
        parked = changed.unwrap();
    }
    assert_eq!(ids(&parked), ["evt_5", "evt_6", "evt_7", "evt_8"]);
    assert!(!parked.lets_through(&place("evt_9", "5", Some(9))));
}

#[test]
fn what_comes_before_all_that_is_parked_is_let_through() {
    let parked = parked_for(&place("evt_6", "1", Some(6)));
    assert!(parked.lets_through(&place("evt_5", "2", Some(5))));
    assert!(!parked.lets_through(&place("evt_x", "2", None)), "it cannot be known to come before");
    let unknown = parked_for(&place("evt_x", "1", None));
    assert!(!unknown.lets_through(&place("evt_5", "2", Some(5))));
}

#[test]
fn an_earlier_event_that_is_given_up_as_well_becomes_the_head() {
    let parked = parked_for(&place("evt_6", "1", Some(6)));
    let (parking, parked) = parked.park(&place("evt_5", "2", Some(5)), Some("broken"));
    assert_eq!(parking, Parking::Head { reason: "broken".into() });
    let parked = parked.unwrap();
    assert_eq!(parked.head.as_ref().unwrap().event_id.as_deref(), Some("evt_5"));
    assert_eq!(ids(&parked), ["evt_5", "evt_6"]);
}

#[test]
fn the_same_message_is_parked_once_and_another_of_its_event_is_known() {
    let parked = parked_for(&place("evt_5", "1", Some(5)));
    let again = parked.clone().park(&place("evt_5", "1", Some(5)), Some("said otherwise now"));
    assert_eq!(again, (Parking::Head { reason: "why".into() }, None), "the first word counts");
    assert_eq!(parked.clone().park(&place("evt_5", "9", Some(5)), Some("again")), (Parking::Known, None));

    let (_, waiting) = parked.park(&place("evt_6", "2", Some(6)), None);
    let waiting = waiting.unwrap();
    assert_eq!(waiting.clone().park(&place("evt_6", "2", Some(6)), None), (behind("evt_5"), None));
    assert_eq!(waiting.park(&place("evt_6", "7", Some(6)), None), (Parking::Known, None));
}

#[test]
fn only_a_redrive_lets_the_head_go_and_one_that_fails_again_is_parked_again() {
    let head = place("evt_5", "1", Some(5));
    let parked = parked_for(&head);
    assert!(!parked.lets_through(&head));
    let redriven = parked.released("shop|evt_5").unwrap();
    let sent_again = place("evt_5", "9", Some(5));
    assert!(redriven.lets_through(&sent_again));
    assert!(redriven.clone().without(&sent_again).is_over());

    let (parking, parked) = redriven.park(&sent_again, Some("still broken"));
    assert_eq!(parking, Parking::Head { reason: "still broken".into() });
    let parked = parked.unwrap();
    assert_eq!(parked.head.as_ref().unwrap().message_id, "9");
    assert!(!parked.lets_through(&sent_again));
}

#[test]
fn once_the_head_is_through_the_next_in_order_follows() {
    let head = place("evt_5", "1", Some(5));
    let (_, parked) = parked_for(&head).park(&place("evt_7", "2", Some(7)), None);
    let (_, parked) = parked.unwrap().park(&place("evt_6", "3", Some(6)), None);
    let parked = parked.unwrap().released("shop|evt_5").unwrap().without(&head);
    assert!(!parked.lets_through(&place("evt_8", "4", Some(8))), "none overtakes while it drains");
    let parked = parked.next_is_head().unwrap();
    assert_eq!(parked.head.as_ref().unwrap().event_id.as_deref(), Some("evt_6"));
    assert!(parked.clone().next_is_head().is_none(), "one at a time");
    assert_eq!(ids(&parked), ["evt_6", "evt_7"]);
}

#[test]
fn what_a_person_left_out_is_gone_on_from() {
    let parked = parked_for(&place("evt_5", "1", Some(5)));
    assert!(parked.clone().left_out("other").is_none());
    let parked = parked.left_out("1").unwrap();
    assert_eq!((parked.head.is_none(), parked.is_over()), (true, false), "5 is remembered until 6 has come");
    let next = place("evt_6", "2", Some(6));
    assert!(parked.lets_through(&next));
    assert!(parked.without(&next).is_over());
}

#[test]
fn what_has_no_sequence_keeps_its_place_among_those_that_have() {
    let mut items = vec![Some(9), None, Some(7), None, Some(8)];
    by_sequence(&mut items, |item| *item);
    assert_eq!(items, [Some(7), None, Some(8), None, Some(9)]);
}

#[test]
fn only_a_sequence_that_can_never_come_is_skipped() {
    let parked = parked_for(&place("evt_6", "1", Some(6)));
    let (_, parked) = parked.park(&place("evt_8", "2", Some(8)), None);
    let parked = parked.unwrap();
    for sequence in [5, 7] {
        assert!(parked.clone().skipping(sequence).unwrap().skipped.contains(&sequence));
    }
    for sequence in [6, 8] {
        assert_eq!(parked.clone().skipping(sequence), Err(NotMissing::Parked));
    }
    assert_eq!(parked.skipping(9), Err(NotMissing::MayCome), "the aggregate may not have come to it yet");
}
