//! Calls that the JavaScript side never makes: none of them may end in an accept.

use super::super::engine::with;
use super::super::exports::*;
use super::super::keys::SLOTS;
use super::super::room::*;
use super::super::status::*;
use super::host::*;

#[test]
fn a_length_beyond_the_buffer_is_refused() {
    let key = key("s");
    let body = vec![b'a'; BODY_ROOM];
    let header = signed("s", &body);
    write(BODY, &body);
    assert_eq!(verify(key, header, BODY_ROOM), 0);
    assert_eq!(verify(key, header, BODY_ROOM + 1), REFUSED);
    for length in [BODY_ROOM + 1, usize::MAX] {
        assert_eq!(start(key, 1, header, false), STARTED);
        update(BODY_ROOM);
        update(length);
        assert_eq!(finish(0), REFUSED);
    }
    assert_eq!(start(key, 1, usize::MAX, false), -1);
    assert_eq!(add_key(BODY_ROOM + 1), NO_KEY);
    assert_eq!(add_key(0), NO_KEY);
}

#[test]
fn a_start_that_is_refused_ends_what_was_in_progress() {
    let key = key("s");
    let header = signed("s", b"");
    assert_eq!(start(key, 1, header, false), STARTED);
    assert_eq!(start(key, 1, 0, false), -1);
    assert_eq!(finish(0), REFUSED);
    assert_eq!(start_signing(key, CLOCK, false), STARTED);
    assert_eq!(start_signing(key, -1.0, false), REFUSED);
    assert_eq!(finish(0), REFUSED);
}

#[test]
fn a_payload_is_finished_once() {
    let key = key("s");
    let header = signed("s", b"");
    assert_eq!(verify(key, header, 0), 0);
    assert_eq!(finish(0), REFUSED);
    let started = start(key, 1, header, true);
    assert_eq!(digest(started, 0), 0);
    assert_eq!(host_digest(), REFUSED);
}

#[test]
fn a_key_made_meanwhile_abandons_what_is_in_progress() {
    let first = key("s");
    let header = signed("s", b"");
    assert_eq!(start(first, 1, header, false), STARTED);
    key("other");
    assert_eq!(finish(0), REFUSED);
}

#[test]
fn a_signing_gives_no_verdict_and_a_verification_no_mac() {
    let key = key("s");
    assert_eq!(start_signing(key, CLOCK, false), STARTED);
    assert_eq!(finish(0), SIGNED);
    for body in [b"".as_slice(), b"another"] {
        let header = signed("s", b"");
        let length = write(BODY, body);
        let by_wasm = verify(key, header, length);
        let started = start(key, 1, header, true);
        assert_eq!([by_wasm, digest(started, length)], if body.is_empty() { [0, 0] } else { [-5, -5] });
    }
}

#[test]
fn without_keys_only_the_header_is_checked_and_nothing_starts() {
    let key = key("s");
    let header = signed("s", b"");
    assert_eq!(start(key, 0, header, false), HEADER_ACCEPTED);
    update(0);
    assert_eq!(finish(0), REFUSED);
    assert_eq!(host_digest(), REFUSED);
    assert_eq!(start(key, 0, 0, false), -1);
    assert_eq!(start_verification(key, 0, 300.0, header, CLOCK + 301.0, false), -4);
}

#[test]
fn a_key_is_found_only_by_its_number_and_until_it_is_replaced() {
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
    assert_eq!(finish(0), 0);
    key("one more");
    assert_eq!(verify(first, header, 0), UNKNOWN_KEY);
}

#[test]
fn the_index_is_that_of_the_first_key_that_matched() {
    let first = key("new");
    key("old");
    key("old");
    let header = signed("old", b"body");
    write(BODY, b"body");
    assert_eq!(start(first, 3, header, false), STARTED);
    assert_eq!(finish(4), 1);
    let header = signed("old", b"body");
    let started = start(first, 3, header, true);
    assert_eq!([(); 3].map(|()| digest(started, 4)), [NEXT, NEXT, 1]);
}

#[test]
fn a_host_that_omits_a_digest_gets_no_verdict() {
    let first = key("s");
    key("s");
    let header = signed("s", b"");
    let started = start(first, 2, header, true);
    assert_eq!(digest(started, 0), NEXT);
    assert_eq!(finish(0), REFUSED);
    // Neither a chunk nor the digest of an earlier payload replaces a digest.
    start(first, 1, header, true);
    update(0);
    assert_eq!(host_digest(), REFUSED);
    let started = start(first, 2, header, true);
    assert_eq!(digest(started, 0), NEXT);
    start(first, 1, header, true);
    assert_eq!(host_digest(), -5);
}

#[test]
fn only_a_payload_hashed_by_the_host_has_a_prefix_and_takes_a_digest() {
    let key = key("s");
    let header = signed("s", b"other");
    assert_eq!(start(key, 1, header, false), STARTED);
    write(BODY, b"other");
    assert_eq!(host_digest(), REFUSED);
    assert_eq!(finish(5), REFUSED);
    assert_eq!(start(key, 1, header, true), STARTED - (64 + 11));
    assert_eq!(digest(STARTED - (64 + 11), 5), 0);
    with(|engine| {
        let prefix = &engine.buffer[HEADER_ROOM..BODY - 11];
        assert!(prefix.iter().all(|&byte| byte == 0), "the key's block is still there")
    });
}

#[test]
fn a_secret_does_not_stay_in_the_room() {
    for length in [5, 64, 65, 200] {
        key(&"x".repeat(length));
        with(|engine| assert!(!engine.buffer.contains(&b'x'), "{length}"));
    }
}

#[test]
fn not_a_number_is_not_a_time() {
    let key = key("s");
    let header = write(0, crate::sign_payload("s", b"", 0).unwrap().as_bytes());
    let verify = |max_age, now| match start_verification(key, 1, max_age, header, now, false) {
        STARTED => finish(0),
        code => code,
    };
    assert_eq!(verify(300.0, 0.0), 0);
    assert_eq!(verify(300.0, f64::NAN), REFUSED);
    assert_eq!(verify(f64::NAN, 0.0), REFUSED);
    for time in [f64::NAN, 9_007_199_254_740_992.0, f64::INFINITY] {
        assert_eq!(start_signing(key, time, false), REFUSED);
    }
}
