//! Wycheproof's HMAC-SHA256 cases, with keys and messages of raw bytes. The public API takes text secrets and signs
//! `<t>.<body>`, so these are run on the MAC inside.

use super::{Key, PayloadMac};
use hmac::{Hmac, KeyInit};
use serde_json::Value;

const FILE: &str = include_str!("../../../tests/vectors/wycheproof/hmac_sha256_test.json");

fn bytes(case: &Value, field: &str) -> Vec<u8> {
    hex::decode(case[field].as_str().expect("hex digits")).expect("hex digits")
}

/// A key of any bytes, and as the API makes it if it is text.
fn keys(key: &[u8]) -> Vec<Key> {
    let mut keys = vec![Key(Hmac::new_from_slice(key).expect("HMAC takes keys of any length"))];
    keys.extend(std::str::from_utf8(key).map(Key::new));
    keys
}

/// The MAC of a message that is passed in chunks of 1, 2, 3, … bytes.
fn chunked(key: &Key, mut message: &[u8]) -> [u8; 32] {
    let mut mac = PayloadMac(key.0.clone());
    for length in 1.. {
        let (chunk, rest) = message.split_at(length.min(message.len()));
        mac.update(chunk);
        message = rest;
        if message.is_empty() {
            break;
        }
    }
    mac.finish()
}

#[test]
fn every_wycheproof_case_gets_its_verdict() {
    let file: Value = serde_json::from_str(FILE).expect("JSON");
    let cases = file["testGroups"].as_array().expect("groups").iter().flat_map(|group| {
        let bits = group["tagSize"].as_u64().expect("a size") as usize;
        group["tests"].as_array().expect("tests").iter().map(move |case| (bits / 8, case))
    });
    let (mut valid, mut invalid, mut text) = (0, 0, 0);
    for (tag_bytes, case) in cases {
        let (message, tag) = (bytes(case, "msg"), bytes(case, "tag"));
        let is_valid = case["result"] == "valid";
        let keys = keys(&bytes(case, "key"));
        text += keys.len() - 1;
        for key in &keys {
            let mac = key.mac(None, &message);
            assert_eq!(mac[..tag_bytes] == tag, is_valid, "case {}", case["tcId"]);
            assert_eq!(mac, chunked(key, &message), "case {}", case["tcId"]);
        }
        if is_valid { valid += 1 } else { invalid += 1 }
    }
    assert_eq!(Value::from(valid + invalid), file["numberOfTests"]);
    assert_eq!((valid, invalid, text), (66, 108, 108));
}
