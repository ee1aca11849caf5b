//! Looks for panics and contradictions: `cargo run -p throughline-event-pattern --release --example fuzz -- SECONDS SEED`.
//!
//! Texts that look like patterns, events and templates are broken at random. Whatever comes out, nothing may panic; a pattern that
//! is valid has to read its own text as itself, and its matcher, its explanation and, for patterns that were not broken, a plain
//! second matcher have to agree. The same seed looks at the same texts.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "it stops at the first thing that is wrong"
)]

#[path = "../tests/naive/mod.rs"]
mod naive;

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use throughline_event_pattern::Pattern;
use throughline_event_pattern::transform::{Delivery, InputPath, InputTransformer};

const SEEDS: [&str; 14] = [
    r#"{"source":["orders"],"detail":{"state":["paid",{"exists":false}]}}"#,
    r#"{"detail":{"total":[{"numeric":[">",0,"<=",5e3]}],"ip":[{"cidr":"10.0.0.0/24"}]}}"#,
    r#"{"a":[{"anything-but":{"prefix":["a","b"]}},{"anything-but":[1,2.5]},{"anything-but":{"wildcard":"*a*"}}]}"#,
    r#"{"a":[{"anything-but":{"suffix":"x"}},{"anything-but":{"equals-ignore-case":["A","b"]}},{"anything-but":"x"}]}"#,
    r#"{"$or":[{"a":[1]},{"b":{"c":[null,true]}},{"d":[""]}],"e":[{"suffix":{"equals-ignore-case":"Ü"}}]}"#,
    r#"{"a.b":[{"wildcard":"a*\\*b"}],"c":[{"prefix":"\u00fc"},{"equals-ignore-case":"straße"}]}"#,
    r#"{"lines":[[{"sku":"tea","count":6},{"sku":"cup"}],[],{}],"a":{"b":[1,"x",null,{"c":2}]}}"#,
    r#"{"a":"abc","b":{"c":[10,5000000001,-0.0,1e-7]},"ip":"010.0.0.001","v6":"2001:db8::1"}"#,
    r#"{"id":<id>,"text":"now <state> of \"<id>\"","lines":[<lines>]}"#,
    r#""<id> and <aws.events.rule-name>""#,
    "$.detail.lines[0].sku",
    "$['a'].*[1]",
    r#"{"detail":{"a":[{"cidr":"2001:db8::/33"},{"exists":true},123456789012,"2001:db8::1"]}}"#,
    r#"{"a":[{"numeric":["=",-1.5]}],"a":[{"exactly":"x"}]}"#,
];

const TOKENS: [&str; 26] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "*",
    "null",
    "true",
    "1e999",
    "-",
    ".",
    "$or",
    "\"exists\"",
    "\"prefix\"",
    "\"wildcard\"",
    "\"anything-but\"",
    "\"numeric\"",
    "<a>",
    "\u{0}",
    "\u{fc}",
    "\u{1f600}",
    "/",
    "0",
];

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or_default() % limit.max(1)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A text of the corpus, broken a few times.
    fn broken(&mut self) -> String {
        let mut bytes = self.pick(&SEEDS).as_bytes().to_vec();
        for _ in 0..self.below(6) {
            let at = self.below(bytes.len() + 1);
            match self.below(6) {
                0 if at < bytes.len() => drop(bytes.remove(at)),
                1 if at < bytes.len() => bytes[at] = self.pick(b"\x00\"\\{}[]:,.*19aZ\x7f\xc3"),
                2 => {
                    let other = self.pick(&SEEDS).as_bytes();
                    bytes.truncate(at);
                    bytes.extend(&other[self.below(other.len())..]);
                }
                3 => {
                    let chunk: Vec<u8> = bytes.iter().skip(at).take(self.below(20)).copied().collect();
                    bytes.splice(at..at, chunk);
                }
                _ => drop(bytes.splice(at..at, self.pick(&TOKENS).bytes())),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn leaf(&mut self) -> Value {
        match self.below(5) {
            0 => Value::Null,
            1 => (self.below(2) == 0).into(),
            2 => json!(self.below(7) as f64 / 2.0 - 1.0),
            _ => self.text().into(),
        }
    }

    fn text(&mut self) -> &'static str {
        self.pick(&["", "a", "b", "ab", "ba", "A", "aab", "10.0.0.1", "10.0.0.9"])
    }

    fn event(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 2 } else { 6 }) {
            0 | 1 => self.leaf(),
            2 => (0..self.below(4)).map(|_| self.event(depth - 1)).collect(),
            _ => self.fields(depth).into(),
        }
    }

    fn fields(&mut self, depth: usize) -> Map<String, Value> {
        (0..self.below(4))
            .map(|_| (self.pick(&["a", "b", "c"]).to_owned(), self.event(depth.saturating_sub(1))))
            .collect()
    }

    fn matcher(&mut self) -> Value {
        let texts = || json!(["a", "ba"]);
        match self.below(14) {
            0 => json!({"prefix": self.text()}),
            1 => json!({"suffix": self.text()}),
            2 => json!({"equals-ignore-case": self.text()}),
            3 => json!({"wildcard": self.pick(&["*", "a*", "*b", "a*b", "*a*"])}),
            4 => json!({"exists": self.below(2) == 0}),
            5 => json!({"numeric": [self.pick(&["<", "<=", "=", ">", ">="]), self.below(3)]}),
            6 => json!({"cidr": self.pick(&["10.0.0.0/29", "10.0.0.0/8"])}),
            7 => json!({"anything-but": self.text()}),
            8 => json!({"anything-but": [self.below(3)]}),
            9 => json!({"anything-but": {self.pick(&["prefix", "suffix", "equals-ignore-case", "wildcard"]): texts()}}),
            _ => self.leaf(),
        }
    }

    fn pattern(&mut self, depth: usize) -> Value {
        let mut fields = Map::new();
        for _ in 0..=self.below(3) {
            let nested = depth > 0 && self.below(3) == 0;
            let value =
                if nested { self.pattern(depth - 1) } else { (0..=self.below(2)).map(|_| self.matcher()).collect() };
            fields.insert(self.pick(&["a", "b", "c", "a.b"]).to_owned(), value);
        }
        if depth > 0 && self.below(4) == 0 {
            fields.insert("$or".into(), json!([self.pattern(depth - 1), self.pattern(depth - 1)]));
        }
        fields.into()
    }
}

#[derive(Default, Debug)]
struct Counts {
    texts: u64,
    patterns: u64,
    templates: u64,
    matches: u64,
    compared: u64,
}

fn check_text(random: &mut Random, counts: &mut Counts) {
    let text = random.broken();
    counts.texts += 1;
    let event = Value::Object(random.fields(4));
    let broken = serde_json::from_str(&random.broken()).unwrap_or(Value::Null);
    match Pattern::parse(&text) {
        Ok(pattern) => {
            counts.patterns += 1;
            assert_eq!(Pattern::parse(pattern.as_str()).as_ref(), Ok(&pattern), "{text:?}");
            for event in [&event, &broken] {
                let explanation = pattern.explain(event);
                assert_eq!(pattern.matches(event), explanation.matches, "{text:?} on {event}");
                assert_eq!(explanation.matches, explanation.alternatives.is_empty(), "{text:?} on {event}");
                assert!(!explanation.to_string().is_empty(), "{text:?} on {event}");
                counts.matches += u64::from(explanation.matches);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty(), "{text:?}"),
    }
    if let Ok(path) = InputPath::parse(&text) {
        let _ = path.find(&event);
    }
    let paths = [("id", "$.a"), ("state", "$.b"), ("lines", "$.c"), ("a", "$.a.b[0]")];
    if let Ok(transformer) = InputTransformer::new(paths, &text) {
        counts.templates += 1;
        let delivery = Delivery { rule_arn: "arn", rule_name: "r", ingestion_time: "2026-01-01T00:00:00Z" };
        let _ = transformer.apply(&event, &delivery);
    }
}

fn check_pair(random: &mut Random, counts: &mut Counts) {
    let (pattern, event) = (random.pattern(3), Value::Object(random.fields(4)));
    let compiled = Pattern::from_value(&pattern);
    let compiled = compiled.unwrap_or_else(|error| panic!("{pattern}: {error}"));
    let matches = compiled.matches(&event);
    assert_eq!(matches, naive::matches(&pattern, &event), "{pattern} on {event}");
    counts.compared += 1;
    counts.matches += u64::from(matches);
}

#[expect(clippy::disallowed_methods, reason = "how long it looks is real time; what it looks at comes from the seed")]
fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().expect("a number"));
    let limit = Duration::from_secs(arguments.next().unwrap_or(10));
    let seed = arguments.next().unwrap_or(1).max(1);
    let (mut random, mut counts) = (Random(seed), Counts::default());
    let started = Instant::now();
    while started.elapsed() < limit {
        for _ in 0..500 {
            check_text(&mut random, &mut counts);
            check_pair(&mut random, &mut counts);
        }
    }
    println!("seed {seed}, {} s, nothing found: {counts:?}", started.elapsed().as_secs());
}
