use super::bench::Bench;
use super::shop::{View, placed};
use crate::{Class, Effects, Emit, Outcome, Writes};

#[tokio::test(start_paused = true)]
async fn a_business_refusal_writes_nothing_and_is_not_remembered() {
    let bench = Bench::new().await.stocked("apple", 1).await;
    let event = bench.event();
    let effects = Effects::new()
        .write(bench.shop.take("apple", 2).or_fail("out_of_stock"))
        .write(bench.shop.views.put_new(&View { order_id: "o-1".into(), version: 1, status: None }))
        .emit(Emit::new(placed("o-1")));
    let failure = bench.commit(&event, &effects).await.unwrap_err();
    assert_eq!((failure.class(), failure.code()), (&Class::Permanent, "out_of_stock"));
    assert!(failure.cause().contains("stock/apple"), "{failure}");
    for table in ["views", "events", "idempotency"] {
        assert_eq!(bench.items(table).await.len(), 0, "{table}");
    }

    let bench = bench.stocked("apple", 2).await;
    assert_eq!(bench.commit(&event, &effects).await.unwrap().outcome, Outcome::Handled, "it can be redriven");
}

#[tokio::test(start_paused = true)]
async fn a_stale_read_is_transient_and_an_unnamed_condition_names_its_item() {
    let bench = Bench::new().await.stocked("apple", 1).await;
    let event = bench.event();
    let stale = Effects::new().write(bench.shop.take("apple", 2).or_retry("stock_changed"));
    let failure = bench.commit(&event, &stale).await.unwrap_err();
    assert_eq!((failure.class(), failure.code()), (&Class::Transient { after: None }, "stock_changed"));

    let failure = bench.commit(&event, &Effects::new().write(bench.shop.take("apple", 2))).await.unwrap_err();
    assert_eq!((failure.class(), failure.code()), (&Class::Permanent, "condition_failed"));
    assert!(failure.cause().contains("stock/apple"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn of_several_failed_conditions_the_order_speaks_first_then_the_stale_read() {
    let bench = Bench::new().await.stocked("apple", 1).await.stocked("pear", 1).await;
    let event = bench.event();
    let refused = bench.shop.take("apple", 2).or_fail("out_of_stock");
    let stale = bench.shop.take("pear", 2).or_retry("stock_changed");
    let late = bench.shop.show("o-1", 3, "shipped");

    let all = Effects::new().write(refused.clone()).write(stale.clone()).write(late);
    assert_eq!(bench.commit(&event, &all).await.unwrap_err().code(), "gap");
    let two = Effects::new().write(refused.clone()).write(stale);
    assert_eq!(bench.commit(&event, &two).await.unwrap_err().code(), "stock_changed");
    let same: Writes = vec![refused, bench.shop.take("pear", 2).build()].into();
    let failure = bench.commit(&event, &Effects::new().writes(same.or_fail("nothing_left"))).await.unwrap_err();
    assert_eq!(failure.code(), "out_of_stock", "what a write says itself stays");
}

/// ```text
///   2 before 1: gap     1: written     1 again, as another event: duplicate     2: written
/// ```
#[tokio::test(start_paused = true)]
async fn a_row_is_built_in_order() {
    let bench = Bench::new().await;
    let show = |sequence, status| Effects::new().write(bench.shop.show("o-1", sequence, status));

    let failure = bench.commit(&bench.event(), &show(2, "paid")).await.unwrap_err();
    assert_eq!((failure.class(), failure.code()), (&Class::Transient { after: None }, "gap"));
    assert!(failure.cause().contains("it waits for 1"), "{failure}");

    assert_eq!(bench.commit(&bench.event(), &show(1, "placed")).await.unwrap().outcome, Outcome::Handled);
    assert_eq!(bench.commit(&bench.event(), &show(1, "again")).await.unwrap().outcome, Outcome::Duplicate);
    assert_eq!(bench.commit(&bench.event(), &show(3, "shipped")).await.unwrap_err().code(), "gap");
    assert_eq!(bench.commit(&bench.event(), &show(2, "paid")).await.unwrap().outcome, Outcome::Handled);
    let view = bench.shop.views.get("o-1").await.unwrap();
    assert_eq!(view, Some(View { order_id: "o-1".into(), version: 2, status: Some("paid".into()) }));
}
