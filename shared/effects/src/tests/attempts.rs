use super::bench::Bench;
use crate::Attempts;

#[tokio::test(start_paused = true)]
async fn attempts_are_counted_by_key_until_they_are_forgotten() {
    let bench = Bench::new().await;
    let (one, other) = (bench.key(&bench.event()), bench.key(&bench.event()));
    let attempts = Attempts::new(&bench.world);
    assert_eq!(attempts.failed(&one).await.unwrap(), 1);
    assert_eq!(attempts.failed(&one).await.unwrap(), 2);
    assert_eq!(attempts.failed(&other).await.unwrap(), 1);
    attempts.forget(&one).await.unwrap();
    assert_eq!(attempts.failed(&one).await.unwrap(), 1);
    attempts.forget(&bench.key(&bench.event())).await.unwrap();

    let row = &bench.items("idempotency").await[0];
    assert!(row["key"]["S"].as_str().unwrap().starts_with("attempts|take-order|shop|evt_"));
    assert!(row["expires_at"]["N"].is_string());
}
