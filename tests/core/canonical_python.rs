//! Compares the canonical bytes with CPython's own `json` on documents that are hard to write.

use crate::support::python;
use dealix_webhooks::{WebhookEvent, serialize_envelope};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::io::Write;

const DOCUMENTS: usize = 20_000;

/// Reads one event record per line and writes its envelope as the reference does.
const PYTHON: &str = r#"
import json, sys
sys.set_int_max_str_digits(0)
for line in sys.stdin.buffer:
    r = json.loads(line)
    e = {"id": r["event_id"], "type": r["event_type"], "customer_id": r["customer_id"], "timestamp": r["timestamp"],
         "api_version": r.get("api_version", "v1"), "data": r["payload"]}
    sys.stdout.write(json.dumps(e, separators=(",", ":"), sort_keys=True) + "\n")
"#;

#[test]
fn canonical_bytes_equal_those_of_cpython() {
    let mut random = StdRng::seed_from_u64(20_260_711);
    let records: Vec<String> = (0..DOCUMENTS).map(|_| record(&mut random)).collect();
    let expected = python(&records);
    assert_eq!(expected.len(), DOCUMENTS, "python3 did not write one line for each record");
    for (record, expected) in records.iter().zip(expected) {
        let event = WebhookEvent::from_json(record).unwrap_or_else(|error| panic!("{error}: {record}"));
        let canonical = serialize_envelope(&event).unwrap_or_else(|error| panic!("{error}: {record}"));
        assert_eq!(String::from_utf8(canonical).unwrap(), expected, "{record}");
    }
}

fn python(records: &[String]) -> Vec<String> {
    let mut process = python::start(PYTHON);
    let mut stdin = process.stdin.take().expect("a pipe");
    let input = records.join("\n");
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = process.wait_with_output().expect("python3 ends");
    writer.join().expect("no panic").expect("python3 reads all records");
    assert!(output.status.success(), "python3 ended with {}", output.status);
    String::from_utf8(output.stdout).expect("ASCII").lines().map(str::to_owned).collect()
}

fn record(random: &mut StdRng) -> String {
    let payload = object(random, 4);
    let timestamp: i64 = if random.random_bool(0.5) { random.random() } else { 1_700_000_000 };
    format!(
        r#"{{"event_id":{},"event_type":"deal.won","customer_id":{},"payload":{payload},"timestamp":{timestamp}}}"#,
        string(random),
        string(random),
    )
}

fn value(random: &mut StdRng, depth: usize) -> String {
    match random.random_range(0..10) {
        0 if depth > 0 => object(random, depth - 1),
        1 if depth > 0 => {
            let items: Vec<String> = (0..random.random_range(0..5)).map(|_| value(random, depth - 1)).collect();
            format!("[ {} ]", items.join(" ,\t"))
        }
        2 => ["true", "false", "null"][random.random_range(0..3)].to_owned(),
        3 | 4 => string(random),
        5 => integer(random),
        _ => float(random),
    }
}

/// Uses few names, so that duplicates are common.
fn object(random: &mut StdRng, depth: usize) -> String {
    let members: Vec<String> = (0..random.random_range(0..7))
        .map(|_| {
            let key = if random.random_bool(0.5) {
                ["\"a\"", "\"b\"", "\"\\u0061\"", "\"\"", "\"\\ud83d\\ude00\"", "\"\u{e000}\"", "\"\u{ffff}\""]
                    [random.random_range(0..7)]
                .to_owned()
            } else {
                string(random)
            };
            format!("{key} : {}", value(random, depth))
        })
        .collect();
    format!("{{{}}}", members.join(","))
}

fn string(random: &mut StdRng) -> String {
    let mut text = String::from("\"");
    for _ in 0..random.random_range(0..8) {
        match random.random_range(0..8) {
            0 => text.push_str(["\\n", "\\r", "\\t", "\\b", "\\f", "\\\\", "\\\"", "\\/"][random.random_range(0..8)]),
            1 => text.push_str(&format!("\\u{:04x}", random.random_range(0..0xd800))),
            2 => text.push_str(&format!("\\u{:04X}", random.random_range(0xe000..0x10000))),
            3 => text.push_str("\\uD83D\\uDe00"),
            4 => text.extend((0..random.random_range(1..20)).map(|_| char::from(random.random_range(0x23..0x5bu8)))),
            5 => text.push('\u{7f}'),
            _ => text.push(char::from_u32(random.random_range(0x80..0x11_0000)).unwrap_or('é')),
        }
    }
    text + "\""
}

fn integer(random: &mut StdRng) -> String {
    match random.random_range(0..4) {
        0 => "-0".to_owned(),
        1 => random.random::<i64>().to_string(),
        2 => random.random_range(-20..20).to_string(),
        _ => format!("-{}{}", random.random_range(1..10), "0123456789".repeat(random.random_range(1..9))),
    }
}

/// Random bits, short decimals, powers of ten, halfway cases and integers written as floats.
fn float(random: &mut StdRng) -> String {
    loop {
        let text = match random.random_range(0..7) {
            0 => format!("{:e}", f64::from_bits(random.random())),
            1 => format!("{:?}", f64::from_bits(random.random())),
            2 => format!("{}.{}", random.random_range(-1000..1000), random.random_range(0..100)),
            3 => format!("{}E{:+}", random.random_range(1..1000), random.random_range(-330..306)),
            4 => format!("{}.0", (1u64 << 53) + random.random_range(0..1000)),
            5 => format!("{}.5e-{}", random.random::<u64>(), random.random_range(0..40)),
            _ => format!("-0.{}{}", "0".repeat(random.random_range(0..9)), random.random_range(1..100)),
        };
        if text.parse::<f64>().is_ok_and(f64::is_finite) {
            return text;
        }
    }
}
