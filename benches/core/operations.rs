//! What is measured. Inputs are made and results are checked beforehand, not while measuring.

use crate::documents::{self, raw};
use dealix_webhooks::{
    SignatureError, Verifier, WebhookEvent, make_event, serialize_envelope, sign_payload, verify_signature,
};
use serde_json::{Value, json};
use std::hint::black_box;

const SECRET: &str = "whsec_of_the_bench";
const OTHER_SECRET: &str = "whsec_of_nobody";
const NOW: i64 = 1_763_980_000;
const MAX_AGE_SECONDS: i64 = 300;

const BODIES: [(&str, usize); 6] =
    [("100 B", 100), ("300 B", 300), ("1 kB", 1_000), ("4 kB", 4_000), ("64 kB", 64_000), ("1 MB", 1_000_000)];

pub struct Operation {
    pub name: &'static str,
    pub input: &'static str,
    /// The length of the body that is signed, verified or written.
    pub bytes: usize,
    act: Box<dyn Fn()>,
}

impl Operation {
    pub fn run(&self) {
        (self.act)();
    }
}

pub fn operations() -> Vec<Operation> {
    let mut operations = on_each_body("sign_payload", |body| {
        Box::new(move || drop(black_box(sign_payload(SECRET, &body, NOW).expect("signed"))))
    });
    operations.extend(verify("verify", &[SECRET], Ok(0)));
    operations.extend(verify("verify, wrong signature", &[OTHER_SECRET], Err(1)));
    operations.extend(verify("verify, second of two secrets", &[OTHER_SECRET, SECRET], Ok(1)));
    operations.extend(verify("verify, wrong signature, two secrets", &[OTHER_SECRET, OTHER_SECRET], Err(2)));
    operations.extend(on_each_body("verify_signature", |body| {
        let header = sign_payload(SECRET, &body, NOW).expect("signed");
        let verify = move || verify_signature(SECRET, &header, &body, MAX_AGE_SECONDS, NOW).expect("verified");
        Box::new(move || _ = black_box(verify()))
    }));
    operations.extend(documents().map(|(input, payload)| serialize(input, &payload)));
    operations
}

/// Verifies with these secrets. `verdict` is the index of the matching one, or how many were tried in vain.
fn verify(name: &'static str, secrets: &[&str], verdict: Result<usize, usize>) -> Vec<Operation> {
    let verifier = Verifier::new(secrets).expect("secrets");
    on_each_body(name, |body| {
        let (verifier, header) = (verifier.clone(), sign_payload(SECRET, &body, NOW).expect("signed"));
        let verified = verifier.verify(&header, &body, NOW).map(|verified| verified.secret_index);
        assert_eq!(verified, verdict.map_err(|secrets| SignatureError::SignatureMismatch { signatures: 1, secrets }));
        Box::new(move || _ = black_box(verifier.verify(&header, &body, NOW)))
    })
}

fn on_each_body(name: &'static str, act: impl Fn(Vec<u8>) -> Box<dyn Fn()>) -> Vec<Operation> {
    BODIES.into_iter().map(|(input, bytes)| Operation { name, input, bytes, act: act(body(bytes)) }).collect()
}

fn body(bytes: usize) -> Vec<u8> {
    let envelope = serialize_envelope(&event(&documents::small())).expect("canonical");
    envelope.into_iter().cycle().take(bytes).collect()
}

fn serialize(input: &'static str, payload: &Value) -> Operation {
    let event = event(payload);
    let bytes = serialize_envelope(&event).expect("canonical").len();
    let act = move || drop(black_box(serialize_envelope(&event).expect("canonical")));
    Operation { name: "serialize_envelope", input, bytes, act: Box::new(act) }
}

fn event(payload: &Value) -> WebhookEvent {
    make_event("deal.won", "cus_1", raw(payload), NOW, [7; 16])
}

fn documents() -> [(&'static str, Value); 6] {
    [
        ("a small event", documents::small()),
        ("floats, nested", documents::floats()),
        ("non-ASCII text", documents::non_ascii()),
        ("100 levels deep", (0..50).fold(json!(1), |inner, _| json!({"next": [inner]}))),
        ("a large event", documents::messages(120)),
        ("1 MB", documents::messages(1_960)),
    ]
}
