//! Holds the HMAC of this module to the core's, whichever side hashes.

use super::super::engine::with;
use super::super::exports::*;
use super::super::room::*;
use super::super::status::*;
use super::host::*;
use crate::signature::{self, HEX_DIGITS, hex_digits};
use crate::{SignatureError, Verifier, sign_payload};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Signs the body in chunks, or has the host hash it, and returns the digits.
fn sign(secret: &str, body: &[u8], timestamp: i64, chunk: Option<usize>) -> String {
    let started = start_signing(key(secret), timestamp as f64, chunk.is_none());
    let status = match chunk {
        Some(chunk) => pass(body, chunk),
        None => digest(started, write(BODY, body)),
    };
    assert_eq!(status, SIGNED);
    with(|engine| String::from_utf8(engine.buffer[..HEX_DIGITS].to_vec())).expect("hex digits")
}

/// Passes a body in chunks.
fn pass(body: &[u8], chunk: usize) -> i32 {
    let split = body.len().saturating_sub(1) / chunk * chunk;
    body[..split].chunks(chunk).for_each(|chunk| update(write(BODY, chunk)));
    finish(write(BODY, &body[split..]))
}

fn assert_same(secret: &str, body: &[u8], timestamp: i64) {
    let core = hex_digits(&signature::Key::new(secret).mac(Some(timestamp), body));
    for chunk in [None, Some(1000), Some(77), Some(64), Some(13)] {
        let digits = sign(secret, body, timestamp, chunk);
        assert_eq!(digits.as_bytes(), core, "{} {} {timestamp} {chunk:?}", secret.len(), body.len());
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

/// A random delivery: as often as not it is genuine, and otherwise it has been tampered with at a random place.
struct Delivery {
    secrets: Vec<String>,
    header: Vec<u8>,
    body: Vec<u8>,
    now: i64,
}

impl Delivery {
    fn random(random: &mut StdRng) -> Self {
        let secrets: Vec<String> = (0..random.random_range(1..5)).map(|number| format!("whsec_{number}")).collect();
        let mut body = vec![0; random.random_range(0..300)];
        random.fill(&mut body[..]);
        let signers = 0..random.random_range(1..4);
        let signatures =
            signers.map(|_| sign_payload(&format!("whsec_{}", random.random_range(0..6)), &body, NOW).unwrap());
        let mut header =
            signatures.reduce(|all, one| format!("{all},{}", one.split_once(',').unwrap().1)).unwrap().into_bytes();
        match random.random_range(0..8) {
            0 => header.truncate(random.random_range(0..=header.len())),
            1 => tamper(random, &mut header),
            2 => tamper(random, &mut body),
            3 => header = [b"t=1,".as_slice(), &header].concat(),
            _ => {}
        }
        Self { secrets, header, body, now: NOW + random.random_range(-310..310) }
    }
}

fn tamper(random: &mut StdRng, bytes: &mut Vec<u8>) {
    let at = random.random_range(0..=bytes.len());
    match bytes.get_mut(at) {
        Some(byte) => *byte = b"tv1=,0a\xff"[random.random_range(0..8)],
        None => bytes.push(b','),
    }
}

#[test]
fn random_deliveries_get_the_cores_verdict() {
    let mut random = StdRng::seed_from_u64(17);
    for _ in 0..DELIVERIES {
        let Delivery { secrets, header, body, now } = Delivery::random(&mut random);
        let expected = match Verifier::new(&secrets).unwrap().verify(&header, &body, now) {
            Ok(verified) => (verified.secret_index as i32, 0.0),
            Err(SignatureError::MalformedHeader) => (-1, 0.0),
            Err(SignatureError::BadTimestamp) => (-2, 0.0),
            Err(SignatureError::MissingV1) => (-3, 0.0),
            Err(SignatureError::StaleSignature { age_seconds, .. }) => (-4, age_seconds as f64),
            Err(SignatureError::SignatureMismatch { signatures, .. }) => (-5, signatures as f64),
        };
        let numbers: Vec<f64> = secrets.iter().map(|secret| key(secret)).collect();
        let (first, keys) = (numbers[0], numbers.len() as u32);
        for by_host in [false, true] {
            let started = start_verification(first, keys, 300.0, write(0, &header), now as f64, by_host);
            let verdict = match started {
                ..=STARTED if by_host => by_host_alone(started, &body),
                STARTED => pass(&body, random.random_range(1..200)),
                code => code,
            };
            assert_eq!(verdict, expected.0, "{header:?} {body:?} {now} {by_host}");
            if [-4, -5].contains(&verdict) {
                assert_eq!(fact(), expected.1);
            }
        }
    }
}

/// Hashes for each key in turn.
fn by_host_alone(started: i32, body: &[u8]) -> i32 {
    write(BODY, body);
    loop {
        match digest(started, body.len()) {
            NEXT => {}
            verdict => return verdict,
        }
    }
}

/// A million, once the code is optimised: `cargo test --release`.
const DELIVERIES: usize = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };
