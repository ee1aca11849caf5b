//! What a saga looks like.

use crate::trip::trip;

/// The number that an attribute of the element on `line` has.
fn attribute(line: &str, name: &str) -> u32 {
    let (_, rest) = line.split_once(&format!(" {name}=\"")).unwrap();
    rest.split_once('"').unwrap().0.parse().unwrap()
}

/// Left, top, right, bottom of every box.
fn boxes(svg: &str) -> Vec<[u32; 4]> {
    let boxes = svg.lines().filter(|line| line.contains("<rect class=") && !line.contains("\"frame\""));
    let edges = |line: &str| {
        let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| attribute(line, name));
        [x, y, x + width, y + height]
    };
    boxes.map(edges).collect()
}

#[test]
fn every_box_has_its_place_in_the_picture() {
    let svg = trip().to_svg();
    let boxes = boxes(&svg);
    // Seven steps, three compensations, the start and two ends.
    assert_eq!(boxes.len(), 7 + 3 + 3);
    let [width, height] = ["width", "height"].map(|name| attribute(svg.lines().next().unwrap(), name));
    for (index, [left, top, right, bottom]) in boxes.iter().enumerate() {
        assert!(*right < width && *bottom < height);
        let apart = |other: &[u32; 4]| other[0] > *right || other[2] < *left || other[1] > *bottom || other[3] < *top;
        assert!(boxes[index + 1..].iter().all(apart), "box {index} is covered:\n{svg}");
    }
}

#[test]
fn only_what_comes_before_the_pivot_or_is_it_turns_back() {
    let svg = trip().to_svg();
    // check-passport, the parallel stage, the pivot.
    assert_eq!(svg.matches("class=\"fails\"").count(), 3);
    let mermaid = trip().to_mermaid();
    let fails: Vec<_> = mermaid.lines().filter(|line| line.contains("-. fails .->")).map(str::trim).collect();
    let expected = [
        "CheckPassport -. fails .-> GiveUpTrip",
        "BookBoth -. fails .-> CancelFlight",
        "PayTrip -. fails .-> CancelFlight",
    ];
    assert_eq!(fails, expected);
}

#[test]
fn the_flowchart_has_every_state_of_the_machine() {
    let (saga, mermaid) = (trip(), trip().to_mermaid());
    for name in saga.to_value()["States"].as_object().unwrap().keys() {
        assert!(mermaid.contains(name.as_str()), "{name} is not in\n{mermaid}");
    }
    assert!(mermaid.contains("        BookHotel[book-hotel] --> BookBreakfast[book-breakfast]\n"), "{mermaid}");
    assert!(mermaid.contains("PayTrip{{pay-trip}}:::pivot --> SendTickets"), "{mermaid}");
}
