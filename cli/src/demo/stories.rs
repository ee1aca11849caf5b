//! The five stories.

/// A story: what is sent, and how it has to end.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) sample: &'static str,
    pub(super) way: Way,
    pub(super) end: End,
}

/// How its sample is sent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way {
    /// By its contract, this often.
    Sample { times: u32 },
    /// As it is, into a queue.
    Queue(&'static str),
}

/// How it has to end.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// The order is completed, and paid once.
    Completed { duplicates: usize },
    /// The order is cancelled for this reason, and nothing is left of it.
    Cancelled { reason: &'static str },
    /// The message is in the inbox of failures.
    Parked { class: &'static str },
}

pub(super) const STORIES: &[Story] = &[
    Story {
        name: "an order that completes",
        title: "1. An order that completes",
        sample: "events/orders.place-order/samples/completes.json",
        way: Way::Sample { times: 1 },
        end: End::Completed { duplicates: 0 },
    },
    Story {
        name: "a card that is declined",
        title: "2. A card that is declined: the saga unwinds",
        sample: "events/orders.place-order/samples/card-declined.json",
        way: Way::Sample { times: 1 },
        end: End::Cancelled { reason: "card_declined" },
    },
    Story {
        name: "stock that runs out",
        title: "3. Stock that runs out",
        sample: "events/orders.place-order/samples/out-of-stock.json",
        way: Way::Sample { times: 1 },
        end: End::Cancelled { reason: "out_of_stock" },
    },
    Story {
        name: "an event delivered three times",
        title: "4. The same event delivered three times: one effect",
        sample: "events/orders.order.placed/samples/delivered-three-times.json",
        way: Way::Sample { times: 3 },
        end: End::Completed { duplicates: 2 },
    },
    Story {
        name: "a message that is not an event",
        title: "5. A message that is not an event: parked, and found",
        sample: "events/broken/not-an-event.json",
        way: Way::Queue("start-fulfilment"),
        end: End::Parked { class: "poison" },
    },
];
