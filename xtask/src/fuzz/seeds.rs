//! A target's first inputs, made of the vectors.

use crate::command::root;
use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fs;

pub fn seeds(target: &str) -> Result<Vec<Vec<u8>>> {
    Ok(match target {
        "header" => vectors("verify")?.iter().map(|vector| text(vector, "header").into()).collect(),
        "verify" => vectors("verify")?.iter().map(|vector| delivery("", vector)).collect(),
        "diagnose" => {
            vectors("verify")?.iter().map(|vector| delivery("Stripe-Signature\n17\n\u{1f}", vector)).collect()
        }
        "canonical" => payloads()?,
        "json" => {
            let events = vectors("serialize")?;
            events.iter().flat_map(|vector| [bytes(vector, "canonical_base64"), text(vector, "event").into()]).collect()
        }
        "outbox" => payloads()?.iter().step_by(10).map(|payload| [OUTBOX_ROW, payload].concat()).collect(),
        _ => Vec::new(),
    })
}

const OUTBOX_ROW: &[u8] = b"evt_1\x1fdeal.won\x1fcus_1\x1f1700000000\x1f";

fn vectors(file: &str) -> Result<Vec<Value>> {
    let path = root().join("tests/vectors").join(file).with_extension("json");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut file: Value = serde_json::from_str(&text)?;
    let Value::Array(vectors) = file["vectors"].take() else { anyhow::bail!("{} holds no vectors", path.display()) };
    Ok(vectors)
}

/// As `Case` in tests/fuzz/src/case.rs reads it. A good signature becomes `%0`, which stays good whatever the body becomes.
fn delivery(before: &str, vector: &Value) -> Vec<u8> {
    let mut header = text(vector, "header").to_owned();
    if vector["valid"] == true
        && let Some(at) = header.rfind("v1=")
    {
        header.replace_range(at + 3..header.len().min(at + 67), "%0");
    }
    let fields = [text(vector, "secret"), &header, &vector["max_age_seconds"].to_string(), &vector["now"].to_string()];
    let start = format!("{before}{}\u{1f}", fields.join("\u{1f}"));
    [start.as_bytes(), &bytes(vector, "body_base64")].concat()
}

/// Of the events that are JSON.
fn payloads() -> Result<Vec<Vec<u8>>> {
    let events = vectors("serialize")?;
    let payload = |vector: &Value| {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(text(vector, "event")).ok()?;
        members.get("payload").map(|payload| payload.get().as_bytes().to_vec())
    };
    Ok(events.iter().filter_map(payload).collect())
}

fn text<'v>(vector: &'v Value, field: &str) -> &'v str {
    vector[field].as_str().unwrap_or_default()
}

fn bytes(vector: &Value, field: &str) -> Vec<u8> {
    STANDARD.decode(text(vector, field)).unwrap_or_default()
}
