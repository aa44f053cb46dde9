//! What the vectors do not cover: rotation, the header's limits, and that nothing secret is shown.

use dealix_webhooks::{
    ConfigurationError, MAX_HEADER_BYTES, MAX_TIMESTAMP, SignatureError, SignatureHeader, Verifier, sign_payload,
};

const NOW: i64 = 1_700_000_000;
const BODY: &[u8] = b"{\"a\":1}";

fn header(secret: &str) -> String {
    sign_payload(secret, BODY, NOW).unwrap()
}

fn v1(secret: &str) -> String {
    header(secret).split_once(",v1=").unwrap().1.to_owned()
}

#[test]
fn any_v1_may_match_any_secret_and_the_first_match_is_reported() {
    let verifier = Verifier::new(["new", "old", "old"]).unwrap();
    let index = |header: &str| verifier.verify(header, BODY, NOW).map(|verified| verified.secret_index);
    assert_eq!(index(&header("new")), Ok(0));
    assert_eq!(index(&header("old")), Ok(1));
    assert_eq!(index(&format!("t={NOW},v1={},v1={},v1={}", v1("neither"), v1("old"), v1("new"))), Ok(0));
    assert_eq!(
        index(&format!("t={NOW},v1={},v1=short,v1=", v1("neither"))),
        Err(SignatureError::SignatureMismatch { signatures: 2, secrets: 3 }),
    );
}

#[test]
fn a_body_may_be_verified_in_chunks() {
    let verifier = Verifier::new(["s"]).unwrap();
    let body: Vec<u8> = (0..300u16).map(|number| number as u8).collect();
    let header = sign_payload("s", &body, NOW).unwrap();
    for size in 1..=body.len() {
        let mut verification = verifier.start(&header, NOW).unwrap();
        body.chunks(size).for_each(|chunk| verification.update(chunk));
        assert!(verification.finish().is_ok(), "chunks of {size}");
    }
}

#[test]
fn a_header_may_be_up_to_8_kib_long() {
    let padded = |length: usize| {
        let header = format!("{},x=", header("s"));
        header.clone() + &"y".repeat(length - header.len())
    };
    assert_eq!(MAX_HEADER_BYTES, 8192);
    assert!(SignatureHeader::parse(&padded(MAX_HEADER_BYTES)).is_ok());
    assert_eq!(SignatureHeader::parse(&padded(MAX_HEADER_BYTES + 1)), Err(SignatureError::MalformedHeader));
}

#[test]
fn a_header_need_not_be_text() {
    let bytes = [header("s").as_bytes(), b",\xff\xfe=\x80"].concat();
    assert!(Verifier::new(["s"]).unwrap().verify(&bytes, BODY, NOW).is_ok());
    assert_eq!(SignatureHeader::parse(b"t=\xff,v1=x"), Err(SignatureError::BadTimestamp));
}

#[test]
fn t_may_be_up_to_2_to_the_53_minus_1() {
    let verdict = |t: &str| SignatureHeader::parse(&format!("t={t},v1=x")).map(|header| header.timestamp());
    assert_eq!(verdict("0"), Ok(0));
    assert_eq!(verdict("9007199254740991"), Ok(MAX_TIMESTAMP));
    for t in ["9007199254740992", "9999999999999999", "10000000000000000", "00", "01", "", "+1", "1 ", "1e3", "٥"] {
        assert_eq!(verdict(t), Err(SignatureError::BadTimestamp), "{t}");
    }
}

#[test]
fn extreme_clocks_and_windows_do_not_overflow() {
    for now in [i64::MIN, -1, 0, NOW, i64::MAX] {
        for max_age in [i64::MIN, -1, 0, i64::MAX] {
            let verifier = Verifier::new(["s"]).unwrap().with_max_age_seconds(max_age);
            let is_fresh = verifier.verify(header("s"), BODY, now).is_ok();
            let age = (i128::from(now) - i128::from(NOW)).abs();
            assert_eq!(is_fresh, age <= i128::from(max_age), "{now} {max_age}");
        }
    }
}

#[test]
fn nothing_is_signed_that_every_receiver_would_refuse() {
    assert_eq!(sign_payload("", BODY, NOW), Err(ConfigurationError::EmptySecret));
    for timestamp in [-1, i64::MIN, MAX_TIMESTAMP + 1, i64::MAX] {
        assert_eq!(sign_payload("s", BODY, timestamp), Err(ConfigurationError::InvalidTimestamp));
    }
    assert!(Verifier::new(Vec::<String>::new()).is_err());
    assert!(Verifier::new(["s", ""]).is_err());
}

#[test]
fn debug_and_errors_show_no_secret_body_or_mac() {
    let verifier = Verifier::new(["marker-secret"]).unwrap();
    let genuine = header("marker-secret");
    let mut verification = verifier.start(&genuine, NOW).unwrap();
    verification.update(BODY);
    let parsed = SignatureHeader::parse(&genuine).unwrap();
    let event = dealix_webhooks::WebhookEvent::from_json(
        r#"{"event_id":"e","event_type":"t","customer_id":"c","payload":{"a":"marker-body"},"timestamp":1}"#,
    )
    .unwrap();
    let verdict = verifier.verify(header("other"), BODY, NOW);
    let shown = format!("{verifier:?} {verification:?} {parsed:?} {event:?} {verdict:?}");
    let mac = v1("marker-secret");
    let decimal = u8::from_str_radix(&mac[..2], 16).unwrap().to_string() + ", ";
    for hidden in ["marker", &mac, &decimal] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    for seen in ["Verifier {", "Verification {", "SignatureHeader {", "[1 redacted]", "[19 bytes]"] {
        assert!(shown.contains(seen), "{shown}");
    }
}

#[cfg(feature = "clock")]
#[test]
fn verify_now_goes_by_the_systems_clock() {
    let verifier = Verifier::new(["s"]).unwrap();
    let signed = |at: i64| sign_payload("s", BODY, at).unwrap();
    let now = dealix_webhooks::unix_now();
    assert_eq!(verifier.verify_now(signed(now), BODY).unwrap().timestamp, now);
    let refused = |at: i64| verifier.verify_now(signed(at), BODY).is_err();
    assert!(refused(now - 302) && refused(now + 302));
}

#[test]
fn the_window_defaults_to_300_s_and_ages_may_be_negative() {
    let verifier = Verifier::new(["s"]).unwrap();
    let verdict = |now: i64| verifier.verify(header("s"), BODY, now).map(drop);
    let stale = |age_seconds| Err(SignatureError::StaleSignature { age_seconds, max_age_seconds: 300 });
    assert_eq!((verdict(NOW + 300), verdict(NOW - 300)), (Ok(()), Ok(())));
    assert_eq!((verdict(NOW + 301), verdict(NOW - 301)), (stale(301), stale(-301)));
    assert_eq!((verdict(i64::MIN), verdict(i64::MAX)), (stale(i64::MIN), stale(i64::MAX - NOW)));
    assert!(verdict(NOW + 301).unwrap_err().to_string().starts_with("signed 301 s behind"));
    assert!(verdict(NOW - 301).unwrap_err().to_string().starts_with("signed 301 s ahead of"));
}

#[test]
fn a_mismatch_reports_how_much_was_tried() {
    let verdict = Verifier::new(["s"]).unwrap().verify(header("other"), BODY, NOW);
    assert_eq!(verdict, Err(SignatureError::SignatureMismatch { signatures: 1, secrets: 1 }));
}
