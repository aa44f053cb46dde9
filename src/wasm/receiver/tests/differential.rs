//! Holds the HMAC of this module to the core's, whichever side hashes.

use super::super::bindings::*;
use super::super::exports::*;
use super::host::*;
use crate::signature::{self, hex_digits};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Signs the body in chunks, or has the host hash it, and returns the digits.
fn sign(secret: &str, body: &[u8], timestamp: i64, by_host: bool) -> String {
    assert_eq!(start_signing(key(secret), timestamp as f64, by_host), STARTED);
    if by_host {
        write(BODY, body);
        digest(0, body.len());
    } else {
        body.chunks(77).for_each(|chunk| update(write(BODY, chunk)));
    }
    let length = finish_signing();
    with(|bindings| String::from_utf8(bindings.buffer[..length].to_vec())).expect("hex digits")
}

fn assert_same(secret: &str, body: &[u8], timestamp: i64) {
    let core = hex_digits(&signature::Key::new(secret).mac(Some(timestamp), body));
    for by_host in [false, true] {
        let digits = sign(secret, body, timestamp, by_host);
        assert_eq!(digits.as_bytes(), core, "{} {} {timestamp} {by_host}", secret.len(), body.len());
    }
}

#[test]
fn both_ways_of_hashing_agree_with_the_core() {
    let secret: String = ('a'..='z').cycle().take(200).collect();
    let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
    for length in 1..secret.len() {
        for body in [0, 1, 44, 52, 53, 54, 117, 1000] {
            assert_same(&secret[..length], &bytes[..body], NOW);
        }
    }
    for timestamp in [0, 9, 10, crate::MAX_TIMESTAMP] {
        assert_same(&secret, &bytes, timestamp);
    }
}

#[test]
fn random_secrets_and_bodies_agree_with_the_core() {
    let mut random = StdRng::seed_from_u64(2104);
    for _ in 0..500 {
        let secret: String = (0..random.random_range(1..300)).map(|_| random.random::<char>()).collect();
        let mut body = vec![0; random.random_range(0..2000)];
        random.fill(&mut body[..]);
        assert_same(&secret, &body, random.random_range(0..=crate::MAX_TIMESTAMP));
    }
}
