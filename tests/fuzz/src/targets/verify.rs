//! The verdict, beside the naive one: in one call and in chunks, with each genuine signature that the header asks for.

use crate::case::Case;
use crate::naive;
use dealix_webhooks::{SignatureError, Verified, Verifier, sign_payload};

pub fn run(data: &[u8]) {
    let case = Case::read(data);
    let secrets = case.secrets();
    let Ok(verifier) = Verifier::new(&secrets) else { return };
    assert!(secrets.iter().all(|secret| !secret.trim().is_empty()), "a blank secret was accepted");
    let verifier = verifier.with_max_age_seconds(case.max_age_seconds);
    let expected = naive::verify(&secrets, &case.header, case.body, case.max_age_seconds, case.now);
    let simple = |verdict: Result<Verified, SignatureError>| verdict.map(|good| (good.secret_index, good.timestamp));
    assert_eq!(simple(verifier.verify(&case.header, case.body, case.now)), expected);
    assert_eq!(simple(in_chunks(&verifier, &case)), expected, "in chunks");

    let header = sign_payload(secrets[0], case.body, case.now);
    if let Ok(header) = &header {
        assert_eq!(*header, format!("t={},v1={}", case.now, naive::mac(secrets[0], case.now, case.body)));
    }
    assert_eq!(header.is_ok(), (0..1 << 53).contains(&case.now));
}

/// Chunks of lengths that the body itself decides, some of them empty.
fn in_chunks(verifier: &Verifier, case: &Case) -> Result<Verified, SignatureError> {
    let mut verification = verifier.start(&case.header, case.now)?;
    let mut rest = case.body;
    while let Some(first) = rest.first() {
        let (chunk, after) = rest.split_at(usize::from(first % 80 + 1).min(rest.len()));
        verification.update(chunk);
        verification.update(b"");
        rest = after;
    }
    verification.finish()
}
