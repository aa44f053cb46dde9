//! Diagnoses: no panic, in bounded time, the verifier's own verdict, and no MAC given away.

use crate::case::{Case, SEPARATOR};
use crate::naive;
use dealix_webhooks::Verifier;
use dealix_webhooks::diagnose::{Cause, Evidence, diagnose};
use std::time::{Duration, Instant};

/// With counters and overflow checks. A diagnosis of this length takes milliseconds.
const LIMIT: Duration = Duration::from_secs(5);

pub fn run(data: &[u8]) {
    let (extra, data) = data.split_at(data.iter().position(|byte| *byte == SEPARATOR).unwrap_or(data.len()));
    let case = Case::read(data.strip_prefix(&[SEPARATOR]).unwrap_or(data));
    let secrets = case.secrets();
    let Ok(header) = std::str::from_utf8(&case.header) else { return };
    let extra = String::from_utf8_lossy(extra);
    let names: Vec<&str> = extra.split('\n').collect();
    let body = case.body;
    let evidence = Evidence {
        secrets: &secrets,
        other_secrets: &[("another", "whsec_another"), ("none", "")],
        signature_header: (header != "-").then_some(header),
        header_names: &names,
        content_length: names.first().and_then(|text| text.parse().ok()),
        content_encoding: names.last().copied(),
        body,
        is_parsed: extra.starts_with('!'),
        reserialized: extra.starts_with('?').then_some(body),
        max_age_seconds: case.max_age_seconds,
        now: case.now,
    };
    let started = Instant::now();
    let Ok(diagnosis) = diagnose(&evidence) else {
        assert!(Verifier::new(&secrets).is_err(), "secrets that a verifier accepts were refused");
        return;
    };
    assert!(started.elapsed() < LIMIT, "a diagnosis took {:?}", started.elapsed());

    let verifier = Verifier::new(&secrets).expect("a diagnosis checks the secrets");
    let verifier = verifier.with_max_age_seconds(case.max_age_seconds);
    let verdict = verifier.verify(evidence.signature_header.unwrap_or_default(), body, case.now);
    if !evidence.is_parsed {
        assert_eq!(diagnosis.verdict, verdict.err());
        assert_eq!(diagnosis.cause == Cause::None, verdict.is_ok());
    }
    let shown = format!("{} {} {diagnosis:?}", diagnosis.message(), diagnosis.advice());
    let mac = naive::mac(secrets[0], case.now, body);
    assert!(!shown.contains(&mac) || header.contains(&mac), "{shown}");
}
