//! RFC 4231's HMAC-SHA256 test cases with a text key: 1, 2, 4 and 5 (of case 5 the RFC gives only the first half).
//! The crate signs `<t>.<body>`, so it cannot sign the RFC's data directly: the RFC's cases check this test's own
//! HMAC, which in turn checks the signatures.

use dealix_webhooks::{sign_payload, verify_signature};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

fn hmac(key: &str, message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message);
    hex::encode(mac.finalize().into_bytes())
}

/// The key, the data, and the MAC or its first half.
fn cases() -> [(String, Vec<u8>, &'static str); 4] {
    [
        ("\u{b}".repeat(20), b"Hi There".to_vec(), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            "Jefe".to_owned(),
            b"what do ya want for nothing?".to_vec(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            (1..=0x19u8).map(char::from).collect(),
            vec![0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        ("\u{c}".repeat(20), b"Test With Truncation".to_vec(), "a3b6167473100ee06e0c796c2955552b"),
    ]
}

#[test]
fn the_hmac_matches_rfc_4231() {
    for (key, message, expected) in cases() {
        assert!(hmac(&key, &message).starts_with(expected), "{key:?}");
    }
}

#[test]
fn a_signature_is_the_hmac_of_t_dot_body() {
    for (key, body, _) in cases() {
        // Three of the keys consist of control characters only and are refused as secrets.
        let key = format!("key{key}");
        let message = [b"1700000000.", body.as_slice()].concat();
        let header = format!("t=1700000000,v1={}", hmac(&key, &message));
        assert_eq!(sign_payload(&key, &body, 1_700_000_000).unwrap(), header);
        assert!(verify_signature(&key, &header, &body, 0, 1_700_000_000).is_ok());
    }
}
