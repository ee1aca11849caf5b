use serde_json::json;

use super::bench::Bench;
use super::shop::{Article, Placed, View, placed};
use crate::limits::{EVENT_BYTES, RESPONSE_BYTES, TRANSACTION_ITEMS};
use crate::{Class, Effects, Emit, Record, StartSaga, Tables};

/// Commits what is refused before anything is sent; answers code and cause.
async fn refused(effects: impl FnOnce(&Bench) -> Effects) -> (String, String) {
    let bench = Bench::new().await;
    let failure = bench.commit(&bench.event(), &effects(&bench)).await.unwrap_err();
    assert_eq!(failure.class(), &Class::Permanent);
    assert!(bench.wire.calls("TransactWriteItems").is_empty(), "nothing was sent");
    (failure.code().to_owned(), failure.cause().to_owned())
}

fn with_note(bytes: usize) -> Placed {
    Placed { note: "n".repeat(bytes), ..placed("o-1") }
}

#[tokio::test(start_paused = true)]
async fn an_event_has_at_most_200_kib_on_the_wire() {
    let bench = Bench::new().await;
    let fits = Effects::new().emit(Emit::new(with_note(EVENT_BYTES - 1024)));
    bench.commit(&bench.event(), &fits).await.unwrap();

    let (code, cause) = refused(|_| Effects::new().emit(Emit::new(with_note(EVENT_BYTES)))).await;
    assert_eq!(code, "too_large");
    assert!(cause.starts_with("shop.order.placed is "), "{cause}");
    assert_eq!(refused(|_| Effects::new().start(StartSaga::new("s", with_note(EVENT_BYTES)))).await.0, "too_large");
}

#[tokio::test(start_paused = true)]
async fn a_response_has_at_most_64_kib() {
    let bench = Bench::new().await;
    bench.commit(&bench.event(), &Effects::new().respond("r".repeat(RESPONSE_BYTES - 2))).await.unwrap();
    let (code, cause) = refused(|_| Effects::new().respond("r".repeat(RESPONSE_BYTES - 1))).await;
    assert_eq!(code, "too_large");
    assert!(cause.contains("the response is 65537 bytes"), "{cause}");
}

#[tokio::test(start_paused = true)]
async fn a_transaction_has_at_most_100_items_and_4_mib() {
    let bench = Bench::new().await;
    let many = |bench: &Bench, count: usize| {
        (0..count).fold(Effects::new(), |effects, n| effects.write(bench.shop.stock.update(n.to_string()).set("a", 1)))
    };
    bench.commit(&bench.event(), &many(&bench, TRANSACTION_ITEMS - 1)).await.unwrap();
    let (code, cause) = refused(|bench| many(bench, TRANSACTION_ITEMS)).await;
    assert_eq!((code.as_str(), cause.as_str()), ("too_large", "101 items; a transaction has at most 100"));

    let events =
        |count| (0..count).fold(Effects::new(), |effects, _| effects.emit(Emit::new(with_note(EVENT_BYTES - 1024))));
    let (code, cause) = refused(|_| events(21)).await;
    assert_eq!(code, "too_large");
    assert!(cause.contains("a transaction has at most 4194304"), "{cause}");
}

#[tokio::test(start_paused = true)]
async fn an_item_has_at_most_400_kib_and_is_named() {
    let view = View { order_id: "o-1".into(), version: 1, status: Some("s".repeat(400 * 1024)) };
    let (code, cause) = refused(|bench| Effects::new().write(bench.shop.views.put(&view))).await;
    assert_eq!(code, "too_large");
    assert!(cause.starts_with("views/o-1 is 409"), "{cause}");
}

#[tokio::test(start_paused = true)]
async fn an_item_is_written_once_in_one_commit() {
    let (code, cause) =
        refused(|bench| Effects::new().write(bench.shop.take("apple", 1)).write(bench.shop.take("apple", 2))).await;
    assert_eq!((code.as_str(), cause.contains("stock/apple")), ("written_twice", true), "{cause}");
}

#[tokio::test(start_paused = true)]
async fn data_that_breaks_its_own_contract_is_not_published() {
    let (code, cause) = refused(|_| Effects::new().emit(Emit::new(Placed { pieces: 0, ..placed("o-1") }))).await;
    assert_eq!(code, "contract_broken");
    assert!(cause.contains("/pieces"), "{cause}");
}

#[tokio::test(start_paused = true)]
async fn a_partition_key_must_do_as_a_message_group() {
    for key in ["", "o 1", "ö", &"k".repeat(129)] {
        let (code, _) = refused(|_| Effects::new().emit(Emit::new(placed("o-1")).ordered(key, 1))).await;
        assert_eq!(code, "bad_partition_key", "{key:?}");
    }
    let bench = Bench::new().await;
    let longest = Effects::new().emit(Emit::new(placed("o-1")).ordered("k".repeat(128), 1));
    bench.commit(&bench.event(), &longest).await.unwrap();
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Keyless {
    sku: Option<String>,
}

impl Record for Keyless {
    const TABLE: &'static str = Article::TABLE;
    const KEY: &'static str = Article::KEY;
}

#[tokio::test(start_paused = true)]
async fn a_row_without_its_key_is_refused_by_name() {
    let put = Tables::offline().table::<Keyless>().put(&Keyless { sku: None });
    let (code, cause) = refused(|_| Effects::new().write(put)).await;
    assert_eq!((code.as_str(), cause.as_str()), ("not_storable", "a row of stock has no `sku`, its key"));
}

#[test]
fn effects_are_data_that_can_be_compared_and_shown() {
    let one = || Effects::new().emit(Emit::new(placed("o-1")).ordered("o-1", 2)).respond(1);
    assert_eq!(one(), one());
    let shown = serde_json::to_value(one()).unwrap();
    assert_eq!(shown["emits"][0]["event_type"], "shop.order.placed");
    assert_eq!(shown["emits"][0]["order"], json!(["o-1", 2]));
}
