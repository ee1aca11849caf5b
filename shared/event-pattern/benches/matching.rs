//! A pattern is compiled once and matched many times: what each costs.
#![expect(missing_docs, clippy::panic, reason = "criterion's macros make public items; a bench may stop")]

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use throughline_event_pattern::Pattern;

const SIMPLE: &str = r#"{"source":["orders"],"detail-type":["orders.order.placed"]}"#;
const RICH: &str = r#"{
    "source": [{"prefix": "orders"}],
    "detail": {
        "state": ["paid", "sent", {"anything-but": {"prefix": "draft"}}],
        "total": [{"numeric": [">", 10, "<=", 1000]}],
        "lines": {"sku": [{"wildcard": "tea-*-green"}], "count": [{"numeric": [">=", 2]}]},
        "gift": [{"exists": false}],
        "$or": [{"region": ["eu"]}, {"address": [{"cidr": "10.0.0.0/8"}]}]
    }
}"#;

fn event(lines: usize) -> Value {
    let lines: Vec<Value> =
        (0..lines).map(|n| json!({"sku": format!("tea-{n}-green"), "count": n, "price": 4.2})).collect();
    json!({
        "version": "0", "id": "e-1", "detail-type": "orders.order.placed", "source": "orders", "account": "000000000000",
        "time": "2026-11-24T12:00:00Z", "region": "us-east-1", "resources": [],
        "detail": {"state": "paid", "total": 120, "lines": lines, "region": "us", "address": "10.1.2.3", "note": "x".repeat(500)},
    })
}

fn matching(criterion: &mut Criterion) {
    let (simple, rich) = (pattern(SIMPLE), pattern(RICH));
    let (small, large) = (event(3), event(100));
    assert!(simple.matches(&small) && rich.matches(&small) && rich.matches(&large), "what is measured is a match");
    criterion.bench_function("compile, rich", |bench| bench.iter(|| Pattern::parse(RICH)));
    criterion.bench_function("match, simple pattern", |bench| bench.iter(|| simple.matches(&small)));
    criterion.bench_function("match, rich pattern, 3 lines", |bench| bench.iter(|| rich.matches(&small)));
    criterion.bench_function("match, rich pattern, 100 lines", |bench| bench.iter(|| rich.matches(&large)));
    let other = json!({"source": "billing", "detail": {"state": "paid"}});
    criterion.bench_function("no match", |bench| bench.iter(|| rich.matches(&other)));
    criterion.bench_function("explain", |bench| bench.iter(|| rich.explain(&other)));
}

fn pattern(source: &str) -> Pattern {
    source.parse().unwrap_or_else(|error| panic!("{source}: {error}"))
}

criterion_group!(benches, matching);
criterion_main!(benches);
