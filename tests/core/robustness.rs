//! Malformed input never causes a panic, and only what was signed is accepted.

use dealix_webhooks::{Verifier, WebhookEvent, serialize_envelope, sign_payload};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const NOW: i64 = 1_700_000_000;

/// Cuts, duplicates, overwrites and inserts pieces at random places.
fn mutate(random: &mut StdRng, text: &[u8], pieces: &[&[u8]]) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..random.random_range(1..4) {
        let at = random.random_range(0..=bytes.len());
        let end = (at + random.random_range(0..6)).min(bytes.len());
        let piece = pieces[random.random_range(0..pieces.len())];
        bytes.splice(at..end, piece.iter().copied());
    }
    bytes
}

#[test]
fn mutated_headers_are_refused_unless_t_and_one_v1_are_intact() {
    let mut random = StdRng::seed_from_u64(1);
    let verifier = Verifier::new(["old", "s"]).unwrap();
    let header = sign_payload("s", b"body", NOW).unwrap();
    let (t, v1) = header.split_once(',').unwrap();
    let pieces: [&[u8]; 12] =
        [b"", b",", b"=", b"t=", b"v1=", b"\0", b"\xff", b" ", b"0", b"99999999999999999999", b",t=1", b"v1"];
    for _ in 0..50_000 {
        let mutated = mutate(&mut random, header.as_bytes(), &pieces);
        let parts: Vec<&[u8]> = mutated.split(|&byte| byte == b',').collect();
        let times: Vec<_> = parts.iter().filter(|part| part.starts_with(b"t=")).collect();
        let is_whole = times == [&t.as_bytes()] && parts.contains(&v1.as_bytes());
        let verdict = verifier.verify(&mutated, b"body", NOW);
        assert_eq!(verdict.is_ok(), is_whole, "{:?}: {verdict:?}", String::from_utf8_lossy(&mutated));
    }
}

#[test]
fn mutated_json_yields_an_error_or_a_valid_envelope() {
    let mut random = StdRng::seed_from_u64(2);
    let record = r#"{"event_id":"evt_1","event_type":"deal.won","customer_id":"c","payload":{"a":[1,-0.5e3,"\ud83d\ude00é"],"b":{"c":null}},"timestamp":1700000000,"api_version":"v1"}"#;
    let pieces: [&[u8]; 14] =
        [b"", b"{", b"}", b"[", b"]", b"\"", b",", b":", b"\\ud800", b"1e999", b"NaN", b"\xc3", b"\"payload\":", b"-"];
    for _ in 0..30_000 {
        let mutated = mutate(&mut random, record.as_bytes(), &pieces);
        // A record has other field names than an envelope, so reading it as one must fail.
        assert!(WebhookEvent::from_envelope(&mutated).is_err());
        let Ok(text) = std::str::from_utf8(&mutated) else { continue };
        let Ok(canonical) = WebhookEvent::from_json(text).map(|event| serialize_envelope(&event)) else { continue };
        if let Ok(bytes) = canonical {
            let event = WebhookEvent::from_envelope(&bytes).expect("an envelope of ours");
            assert_eq!(serialize_envelope(&event).as_deref(), Ok(&bytes[..]), "canonical bytes are stable");
        }
    }
}

#[test]
fn deep_nesting_is_an_error_and_not_a_stack_overflow() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let nested = format!("{}1{}", open.repeat(50_000), close.repeat(50_000));
        let record = format!(
            r#"{{"event_id":"e","event_type":"t","customer_id":"c","payload":{{"v":{nested}}},"timestamp":1}}"#
        );
        let event = WebhookEvent::from_json(&record).unwrap();
        let error = serialize_envelope(&event).unwrap_err();
        assert!(error.to_string().ends_with("more than 128 levels deep"), "{error}");
        assert!(error.path.len() < 250, "{}", error.path.len());
        let unclosed = &record[..record.len() / 2];
        assert!(WebhookEvent::from_json(unclosed).is_err());
        assert!(WebhookEvent::from_envelope(unclosed.as_bytes()).is_err());
    }
}
