//! Calls that the JavaScript side does not make: none may end in an accept.

use super::*;

const NOW: i64 = 1_700_000_000;
const CLOCK: f64 = NOW as f64;

fn write(at: usize, bytes: &[u8]) -> usize {
    with(|bindings| bindings.buffer[at..][..bytes.len()].copy_from_slice(bytes));
    bytes.len()
}

fn key(secret: &str) -> f64 {
    add_key(write(BODY, secret.as_bytes()))
}

fn signed(secret: &str, body: &[u8]) -> usize {
    write(0, crate::sign_payload(secret, body, NOW).unwrap().as_bytes())
}

fn start(key: f64, keys: u32, header: usize, by_host: bool) -> i32 {
    start_verification(key, keys, 300.0, header, CLOCK, by_host)
}

fn verify(key: f64, header: usize, length: usize) -> i32 {
    match start(key, 1, header, false) {
        STARTED => {
            update(length);
            finish_verification()
        }
        answer => answer,
    }
}

/// What a host does: SHA-256 over the prefix and the body, as they lie in the buffer.
fn digest(index: u32, body_length: usize) {
    use sha2::{Digest, Sha256};
    let prefix = host_prefix(index);
    let digest = with(|bindings| Sha256::digest(&bindings.buffer[BODY - prefix..BODY + body_length]));
    write(HEADER_ROOM, &digest);
    host_digest(index);
}

#[test]
fn a_length_beyond_the_buffer_is_refused() {
    let key = key("s");
    let body = vec![b'a'; BODY_ROOM];
    let header = signed("s", &body);
    write(BODY, &body);
    assert_eq!(verify(key, header, BODY_ROOM), 0);
    assert_eq!(verify(key, header, BODY_ROOM + 1), REFUSED);
    assert_eq!(start(key, 1, header, false), STARTED);
    update(BODY_ROOM);
    update(BODY_ROOM + 1);
    assert_eq!(finish_verification(), REFUSED);
    assert_eq!(start(key, 1, usize::MAX, false), -1);
    assert_eq!(add_key(BODY_ROOM + 1), NO_KEY);
    assert_eq!(add_key(0), NO_KEY);
}

#[test]
fn a_start_that_is_refused_ends_what_was_under_way() {
    let key = key("s");
    let header = signed("s", b"");
    assert_eq!(start(key, 1, header, false), STARTED);
    assert_eq!(start(key, 1, 0, false), -1);
    assert_eq!(finish_verification(), REFUSED);
    assert_eq!(start_signing(key, CLOCK, false), STARTED);
    assert_eq!(start_signing(key, -1.0, false), REFUSED);
    assert_eq!(finish_signing(), 0);
}

#[test]
fn a_signing_is_no_verification_and_the_reverse() {
    let key = key("s");
    let header = signed("s", b"");
    assert_eq!(start_signing(key, CLOCK, false), STARTED);
    assert_eq!(finish_verification(), REFUSED);
    assert_eq!(start(key, 1, header, false), STARTED);
    assert_eq!(finish_signing(), 0);
    assert_eq!(finish_verification(), REFUSED);
}

#[test]
fn without_keys_a_header_is_answered_for_and_nothing_is_under_way() {
    let key = key("s");
    let header = signed("s", b"");
    assert_eq!(start(key, 0, header, false), HEADER_ACCEPTED);
    update(0);
    assert_eq!(finish_verification(), REFUSED);
    assert_eq!(start(key, 0, 0, false), -1);
    assert_eq!(start_verification(key, 0, 300.0, header, CLOCK + 301.0, false), -4);
}

#[test]
fn a_key_is_found_by_its_number_alone_and_until_it_is_dropped() {
    let first = key("s");
    let header = signed("s", b"");
    for number in [first + 1.0, first - 1.0, 0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(verify(number, header, 0) < 0, "{number}");
    }
    assert_eq!(start(first, 2, header, false), UNKNOWN_KEY);
    for keys in [SLOTS as u32 + 1, u32::MAX] {
        assert_eq!(start(first, keys, header, false), REFUSED);
    }
    (2..SLOTS).for_each(|_| assert_ne!(key("other"), NO_KEY));
    assert_eq!(key("other"), first + SLOTS as f64 - 1.0);
    assert_eq!(verify(first, header, 0), 0);
    assert_eq!(start(first, SLOTS as u32, header, false), STARTED);
    update(0);
    assert_eq!(finish_verification(), 0);
    key("one more");
    assert_eq!(verify(first, header, 0), UNKNOWN_KEY);
}

#[test]
fn the_index_is_that_of_the_first_key_that_matched() {
    let first = key("new");
    key("old");
    key("old");
    for by_host in [false, true] {
        let header = signed("old", b"body");
        write(BODY, b"body");
        assert_eq!(start(first, 3, header, by_host), STARTED);
        if by_host {
            (0..3).for_each(|index| digest(index, 4));
        } else {
            update(4);
        }
        assert_eq!(finish_verification(), 1);
    }
}

#[test]
fn a_host_that_leaves_out_a_digest_gets_no_verdict() {
    let first = key("s");
    key("s");
    let header = signed("s", b"");
    assert_eq!(start(first, 2, header, true), STARTED);
    digest(0, 0);
    assert_eq!(finish_verification(), REFUSED);
    // No chunk stands in for a digest, nor a digest of an earlier payload for one of this.
    assert_eq!(start(first, 1, header, true), STARTED);
    update(0);
    assert_eq!(finish_verification(), REFUSED);
    assert_eq!(start(first, 1, header, true), STARTED);
    digest(0, 0);
    assert_eq!(start(first, 1, header, true), STARTED);
    assert_eq!(finish_verification(), REFUSED);
}

#[test]
fn only_a_payload_for_the_host_has_a_prefix_and_takes_a_digest() {
    let key = key("s");
    let header = signed("s", b"other");
    assert_eq!(host_prefix(0), 0);
    assert_eq!(start(key, 1, header, false), STARTED);
    assert_eq!(host_prefix(0), 0);
    write(BODY, b"other");
    digest(0, 5);
    update(0);
    assert_eq!(finish_verification(), -5);
    assert_eq!(start(key, 1, header, true), STARTED);
    assert_eq!(host_prefix(1), 0);
    assert_eq!(host_prefix(0), 64 + 11);
    host_digest(1);
    with(|bindings| assert!(bindings.buffer[HEADER_ROOM..BODY].iter().all(|&byte| byte == 0), "the key's block stays"));
}

#[test]
fn no_number_is_no_time() {
    let key = key("s");
    let header = write(0, crate::sign_payload("s", b"", 0).unwrap().as_bytes());
    let verify = |max_age, now| match start_verification(key, 1, max_age, header, now, false) {
        STARTED => finish_verification(),
        answer => answer,
    };
    assert_eq!(verify(300.0, 0.0), 0);
    assert_eq!(verify(300.0, f64::NAN), REFUSED);
    assert_eq!(verify(f64::NAN, 0.0), REFUSED);
    for time in [f64::NAN, 9_007_199_254_740_992.0, f64::INFINITY] {
        assert_eq!(start_signing(key, time, false), REFUSED);
    }
}

#[test]
fn a_signature_is_the_same_by_either_way() {
    let key = key("s");
    for by_host in [false, true] {
        write(BODY, b"body");
        assert_eq!(start_signing(key, CLOCK, by_host), STARTED);
        if by_host {
            digest(0, 4)
        } else {
            update(4)
        }
        let length = finish_signing();
        let hex = with(|bindings| String::from_utf8(bindings.buffer[..length].to_vec())).unwrap();
        assert_eq!(format!("t={NOW},v1={hex}"), crate::sign_payload("s", b"body", NOW).unwrap());
    }
}
