//! Properties that hold for all inputs. A case that fails is shrunk and shown in full; nothing is written to disk.

use crate::support::naive;
use dealix_webhooks::{MAX_TIMESTAMP, SignatureError, Verifier, sign_payload};
use proptest::collection::vec;
use proptest::prelude::*;

const SECRET: &str = "whsec_[a-zA-Z0-9]{1,80}";
const TIME: std::ops::RangeInclusive<i64> = 0..=MAX_TIMESTAMP;

pub fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    // Around the blocks of SHA-256, and longer.
    prop_oneof![vec(any::<u8>(), 0..130), vec(any::<u8>(), 0..3000)]
}

/// As many different secrets as there are numbers.
fn secrets() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::hash_set(SECRET, 1..6).prop_map(|secrets| secrets.into_iter().collect())
}

fn v1(secret: &str, body: &[u8], timestamp: i64) -> String {
    sign_payload(secret, body, timestamp).unwrap().split_once(",v1=").unwrap().1.to_owned()
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let length = bytes.len();
    bytes[bit / 8 % length] ^= 1 << (bit % 8);
    bytes
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn what_was_signed_verifies_and_the_naive_verifier_agrees(secret in SECRET, body in body(), time in TIME) {
        let header = sign_payload(&secret, &body, time).unwrap();
        let verified = Verifier::new([&secret]).unwrap().verify(&header, &body, time).unwrap();
        prop_assert_eq!((verified.secret_index, verified.timestamp), (0, time));
        prop_assert_eq!(naive::verify(&[&secret], header.as_bytes(), &body, 0, time), Ok((0, time)));
    }

    #[test]
    fn any_text_is_a_secret_unless_anyone_can_guess_it(secret in "\\PC{1,100}", body in body(), time in TIME) {
        match sign_payload(&secret, &body, time) {
            Ok(header) => {
                prop_assert!(Verifier::new([&secret]).unwrap().verify(&header, &body, time).is_ok());
                prop_assert_eq!(header, format!("t={time},v1={}", naive::mac(&secret, time, &body)));
            }
            Err(error) => prop_assert_eq!(Verifier::new([&secret]).unwrap_err(), error),
        }
    }

    #[test]
    fn no_bit_of_the_body_can_change(secret in SECRET, body in vec(any::<u8>(), 1..300), time in TIME, bit: usize) {
        let header = sign_payload(&secret, &body, time).unwrap();
        let verdict = Verifier::new([&secret]).unwrap().verify(&header, &flipped(&body, bit), time);
        prop_assert_eq!(verdict, Err(SignatureError::SignatureMismatch { signatures: 1, secrets: 1 }));
    }

    #[test]
    fn no_bit_of_the_header_can_change(secret in SECRET, body in body(), time in TIME, bit: usize) {
        let header = flipped(sign_payload(&secret, &body, time).unwrap().as_bytes(), bit);
        let verifier = Verifier::new([&secret]).unwrap().with_max_age_seconds(i64::MAX);
        prop_assert!(verifier.verify(&header, &body, time).is_err(), "{}", header.escape_ascii());
    }

    #[test]
    fn no_bit_of_the_secret_can_change(secret in "[ -~]{2,70}", body in body(), time in TIME, bit: usize) {
        // The highest bit of a byte would not leave text.
        let other = String::from_utf8(flipped(secret.as_bytes(), bit / 8 * 8 + bit % 7)).unwrap();
        let (Ok(header), Ok(verifier)) = (sign_payload(&secret, &body, time), Verifier::new([&other])) else {
            return Ok(());
        };
        let verdict = verifier.verify(&header, &body, time);
        prop_assert_eq!(verdict, Err(SignatureError::SignatureMismatch { signatures: 1, secrets: 1 }));
    }

    #[test]
    fn bytes_added_to_the_body_or_taken_from_it_are_noticed(
        secret in SECRET, body in body(), time in TIME, added in vec(any::<u8>(), 1..70), at: prop::sample::Index,
    ) {
        let verifier = Verifier::new([&secret]).unwrap();
        let header = sign_payload(&secret, &body, time).unwrap();
        let (start, end) = body.split_at(at.index(body.len() + 1));
        let longer = [start, &added, end].concat();
        prop_assert!(verifier.verify(&header, &longer, time).is_err());
        let header = sign_payload(&secret, &longer, time).unwrap();
        prop_assert!(verifier.verify(&header, &body, time).is_err());
    }

    #[test]
    fn the_window_is_inclusive_and_reaches_both_ways(
        secret in SECRET, time in TIME, max_age in 0..1_000_000i64, is_late: bool, beyond in 1..1000i64,
    ) {
        let verifier = Verifier::new([&secret]).unwrap().with_max_age_seconds(max_age);
        let header = sign_payload(&secret, b"{}", time).unwrap();
        let side = if is_late { 1 } else { -1 };
        let verdict = |age: i64| verifier.verify(&header, b"{}", time + side * age).map(drop);
        prop_assert_eq!(verdict(max_age), Ok(()));
        for age in [max_age + 1, max_age + beyond] {
            let stale = SignatureError::StaleSignature { age_seconds: side * age, max_age_seconds: max_age };
            prop_assert_eq!(verdict(age), Err(stale));
        }
    }

    #[test]
    fn any_clock_and_any_window_give_the_naive_verdict(time in TIME, now: i64, max_age: i64) {
        let header = sign_payload("whsec_1", b"{}", time).unwrap();
        let verdict = Verifier::new(["whsec_1"]).unwrap().with_max_age_seconds(max_age).verify(&header, b"{}", now);
        let expected = naive::verify(&["whsec_1"], header.as_bytes(), b"{}", max_age, now);
        prop_assert_eq!(verdict.map(|good| (good.secret_index, good.timestamp)), expected);
    }

    #[test]
    fn any_v1_may_match_any_secret(
        secrets in secrets(), body in body(), time in TIME, foreign in vec("[0-9a-f]{64}|[0-9A-Z]{0,70}", 0..5),
        own: prop::sample::Index, place: prop::sample::Index,
    ) {
        let index = own.index(secrets.len());
        let mut signatures = foreign;
        let genuine = v1(&secrets[index], &body, time);
        signatures.insert(place.index(signatures.len() + 1), genuine.clone());
        let header = |signatures: &[String]| format!("t={time},v1={}", signatures.join(",v1="));
        let verifier = Verifier::new(&secrets).unwrap();
        prop_assert_eq!(verifier.verify(header(&signatures), &body, time).unwrap().secret_index, index);
        signatures.retain(|signature| *signature != genuine);
        signatures.push("short".to_owned());
        prop_assert!(verifier.verify(header(&signatures), &body, time).is_err());
    }

    #[test]
    fn of_several_secrets_that_match_the_first_is_named(
        secrets in secrets(), body in body(), time in TIME, signers in vec(any::<prop::sample::Index>(), 1..6),
    ) {
        let signers: Vec<usize> = signers.iter().map(|index| index.index(secrets.len())).collect();
        let signatures: String =
            signers.iter().map(|index| format!(",v1={}", v1(&secrets[*index], &body, time))).collect();
        let verdict = Verifier::new(&secrets).unwrap().verify(format!("t={time}{signatures}"), &body, time);
        prop_assert_eq!(verdict.unwrap().secret_index, *signers.iter().min().unwrap());
    }

    #[test]
    fn a_body_in_any_chunks_gives_the_verdict_of_one_call(
        secrets in secrets(), chunks in vec(vec(any::<u8>(), 0..150), 0..12), time in TIME, is_genuine: bool,
    ) {
        let body = chunks.concat();
        let signed = if is_genuine { body.clone() } else { [&body[..], b" "].concat() };
        let header = sign_payload(&secrets[0], &signed, time).unwrap();
        let verifier = Verifier::new(&secrets).unwrap();
        let mut verification = verifier.start(&header, time).unwrap();
        chunks.iter().for_each(|chunk| verification.update(chunk));
        let verdict = verification.finish();
        prop_assert_eq!(verdict, verifier.verify(&header, &body, time));
        prop_assert_eq!(verdict.is_ok(), is_genuine);
    }
}

proptest! {
    #![proptest_config(config(1000))]

    /// Everything that can be wrong at once: the first of it in the contract's order is the verdict.
    #[test]
    fn the_verdict_is_the_first_that_applies(
        parts in vec("t=1700000000|t=1699999000|t=0?[0-9]{1,17}|v1=[0-9a-f]{64}|v1=|v1=GENUINE|v0=1|t|v1|=|", 0..5),
        is_long in prop::bool::weighted(0.05), clock in 1_699_999_600..1_700_000_400i64,
    ) {
        let genuine = v1("whsec_1", b"{}", 1_700_000_000);
        let mut header = parts.join(",").replace("GENUINE", &genuine);
        if is_long {
            header.push_str(&",".repeat(8193));
        }
        let verifier = Verifier::new(["whsec_1", "whsec_2"]).unwrap();
        let verdict = verifier.verify(&header, b"{}", clock).map(|good| (good.secret_index, good.timestamp));
        prop_assert_eq!(verdict, naive::verify(&["whsec_1", "whsec_2"], header.as_bytes(), b"{}", 300, clock));
    }
}
