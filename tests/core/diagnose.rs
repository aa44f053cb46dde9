//! Makes each mistake alone and in pairs, and checks that `diagnose` names it and shows nothing secret.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use dealix_webhooks::diagnose::{Cause, Diagnosis, Evidence, MAX_BODY_BYTES, diagnose};
use dealix_webhooks::{ConfigurationError, SignatureError, WebhookEvent, serialize_envelope, sign_payload};
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const NOW: i64 = 1_700_000_000;
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjU PD8ILPZIo2LaLaSw%";

/// What a receiver knows of a genuine delivery.
#[derive(Clone)]
struct Case {
    secrets: Vec<String>,
    others: Vec<(String, String)>,
    header: Option<String>,
    names: Vec<String>,
    content_length: Option<u64>,
    body: Vec<u8>,
    is_parsed: bool,
    reserialized: Option<Vec<u8>>,
    now: i64,
}

/// A body as Dealix writes it: canonical, pure ASCII, with a float.
fn canonical() -> Vec<u8> {
    let json = r#"{"event_id":"evt_1","event_type":"deal.won","customer_id":"cus_1","payload":{"amount":12500.0,"count":3,"name":"Zo\u00eb \u20ac"},"timestamp":1699999990}"#;
    serialize_envelope(&WebhookEvent::from_json(json).expect("a record")).expect("a canonical form")
}

/// Another signed body, with two lines and non-ASCII text.
const TEXT: &str = "{\n\"name\":\"Zoë kaufte für 5 €\",\n\"n\":1}";

fn genuine(body: &[u8]) -> Case {
    Case {
        secrets: vec![SECRET.to_owned()],
        others: vec![("staging".to_owned(), "whsec_staging".to_owned())],
        header: Some(sign_payload(SECRET, body, NOW).expect("signed")),
        names: vec!["Content-Type".to_owned(), "Dealix-Signature".to_owned()],
        content_length: None,
        body: body.to_vec(),
        is_parsed: false,
        reserialized: None,
        now: NOW + 5,
    }
}

fn run(case: &Case) -> Diagnosis {
    let secrets: Vec<_> = case.secrets.iter().map(String::as_str).collect();
    let others: Vec<_> = case.others.iter().map(|(label, secret)| (label.as_str(), secret.as_str())).collect();
    let names: Vec<_> = case.names.iter().map(String::as_str).collect();
    let diagnosis = diagnose(&Evidence {
        secrets: &secrets,
        other_secrets: &others,
        signature_header: case.header.as_deref(),
        header_names: &names,
        content_length: case.content_length,
        body: &case.body,
        is_parsed: case.is_parsed,
        reserialized: case.reserialized.as_deref(),
        now: case.now,
        ..Evidence::default()
    })
    .expect("secrets");
    assert_keeps_secrets(case, &diagnosis);
    diagnosis
}

/// Checks that a diagnosis contains no secret, no MAC and no part of the body.
fn assert_keeps_secrets(case: &Case, diagnosis: &Diagnosis) {
    let shown = format!("{diagnosis:?} {} {}", diagnosis.message(), diagnosis.advice()).to_lowercase();
    let mut hidden = vec!["mfkq9r8g".to_owned(), "trtwju".to_owned(), "whsec_staging".to_owned(), "evt_1".to_owned()];
    hidden.extend(case.secrets.iter().chain(case.others.iter().map(|(_, secret)| secret)).cloned());
    hidden.extend([canonical(), case.body.clone()].iter().flat_map(|body| {
        let signed = sign_payload(SECRET, body, NOW).expect("signed");
        [signed[signed.len() - 64..].to_owned(), signed[signed.len() - 20..].to_owned()]
    }));
    if let Some((_, v1)) = case.header.as_deref().and_then(|header| header.split_once("v1=")) {
        hidden.push(v1.to_owned());
    }
    for hidden in hidden.into_iter().filter(|hidden| hidden.len() > 5) {
        assert!(!shown.contains(&hidden.to_lowercase()), "{hidden} is in {shown}");
    }
}

#[track_caller]
fn expect(case: &Case, cause: Cause) -> Diagnosis {
    let diagnosis = run(case);
    assert_eq!((diagnosis.cause, &diagnosis.details.also[..]), (cause, &[][..]), "{diagnosis:#?}");
    assert!(diagnosis.message().ends_with('.') && diagnosis.advice().ends_with('.'), "{diagnosis:#?}");
    assert_eq!(diagnosis.verdict.is_none(), cause == Cause::None, "{diagnosis:#?}");
    diagnosis
}

#[track_caller]
fn expect_certain(case: &Case, cause: Cause) -> Diagnosis {
    let diagnosis = expect(case, cause);
    assert!(diagnosis.is_certain, "{diagnosis:#?}");
    diagnosis
}

fn latin1(text: &[u8]) -> String {
    text.iter().map(|&byte| char::from(byte)).collect()
}

type Spoil = fn(&mut Case);
type Mistakes<'a> = &'a [(Cause, Spoil)];

/// What can happen to the body of a delivery.
const BODIES: [(Cause, Spoil); 15] = [
    (Cause::BodyParsed, |case| case.body = respaced(&case.body)),
    (Cause::BodyParsed, |case| case.body = without_points(&case.body)),
    (Cause::BodyParsed, |case| (case.body, case.is_parsed) = (respaced(&case.body), true)),
    (Cause::BodyParsed, |case| (case.body, case.is_parsed) = (without_points(&case.body), true)),
    (Cause::BodyParsed, |case| case.body = serde_json::to_vec(&String::from_utf8_lossy(&case.body)).expect("JSON")),
    (Cause::BodyParsed, |case| {
        case.body =
            format!(r#"{{"type":"Buffer","data":{}}}"#, serde_json::to_string(&case.body).expect("JSON")).into_bytes();
    }),
    (Cause::ByteOrderMark, |case| case.body = [b"\xef\xbb\xbf", &case.body[..]].concat()),
    (Cause::Newline, |case| case.body.push(b'\n')),
    (Cause::Newline, |case| case.body.extend_from_slice(b"\r\n")),
    (Cause::Charset, |case| case.body = case.body.iter().flat_map(|&byte| [byte, 0]).collect()),
    (Cause::Base64Body, |case| case.body = BASE64.encode(&case.body).into_bytes()),
    (Cause::CompressedBody, |case| case.body = gzip(0, b"", &case.body)),
    (Cause::CompressedBody, |case| case.body = compress_to_vec_zlib(&case.body, 6)),
    (Cause::CompressedBody, |case| case.body = compress_to_vec(&case.body, 6)),
    (Cause::BodyParsed, |case| {
        let key = serde_json::to_string(&String::from_utf8_lossy(&case.body)).expect("JSON");
        (case.body, case.is_parsed) = (format!(r#"{{{key}:""}}"#).into_bytes(), true);
    }),
];

/// A gzip file (RFC 1952) with these flags and the optional header fields that they announce.
fn gzip(flags: u8, fields: &[u8], body: &[u8]) -> Vec<u8> {
    let head = [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3];
    let length = u32::try_from(body.len()).expect("a short body").to_le_bytes();
    // `diagnose` does not check the checksum.
    [&head[..], fields, &compress_to_vec(body, 6), &[0; 4], &length].concat()
}

/// Rewrites the body as another serialiser would, with spaces and unescaped characters; floats keep their points.
fn respaced(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body).replace(",\"", ", \"").replace("\\u00eb", "ë").replace("\\u20ac", "€");
    text.into_bytes()
}

fn without_points(body: &[u8]) -> Vec<u8> {
    respaced(body)
        .strip_prefix(b"")
        .map(|body| String::from_utf8_lossy(body).replace("12500.0", "12500").into_bytes())
        .expect("a body")
}

const SECRETS: [(Cause, Spoil); 12] = [
    (Cause::SecretWrapped, |case| case.secrets[0].push('\n')),
    (Cause::SecretWrapped, |case| case.secrets[0] = format!("  {}\t", case.secrets[0])),
    (Cause::SecretWrapped, |case| case.secrets[0] = format!("\"{}\"", case.secrets[0])),
    (Cause::SecretWrapped, |case| case.secrets[0] = format!("'{}' \r", case.secrets[0])),
    (Cause::SecretWrapped, |case| case.secrets[0] = format!("DEALIX_WEBHOOK_SECRET=\"{}\"", case.secrets[0])),
    (Cause::SecretWrapped, |case| case.secrets[0] = case.secrets[0].replace("whsec_", "")),
    (Cause::SecretWrapped, |case| case.secrets[0] = format!("\u{feff}{}", case.secrets[0])),
    (Cause::SecretEncoded, |case| case.secrets[0] = BASE64.encode(&case.secrets[0])),
    (Cause::SecretEncoded, |case| case.secrets[0] = hex::encode(&case.secrets[0])),
    (Cause::SecretEncoded, |case| case.secrets[0] = case.secrets[0].replace('%', "%25").replace(' ', "%20")),
    (Cause::OtherSecret, |case| {
        case.others.push(("eu".to_owned(), case.secrets[0].clone()));
        case.secrets[0] = "whsec_us".to_owned();
    }),
    (Cause::OtherSecret, |case| {
        case.others.insert(0, ("otherSecrets[0]".to_owned(), case.secrets[0].clone()));
        case.secrets = vec!["whsec_a".to_owned(), "whsec_b".to_owned()];
    }),
];

fn header(case: &mut Case, change: impl Fn(&str) -> String) {
    case.header = case.header.as_deref().map(change);
}

const HEADERS: [(Cause, Spoil); 11] = [
    (Cause::HeaderRewritten, |case| header(case, |text| text.replace(',', ", "))),
    (Cause::HeaderRewritten, |case| header(case, |text| format!("\"{text}\""))),
    (Cause::HeaderRewritten, |case| header(case, |text| format!("Dealix-Signature: {text}"))),
    (Cause::HeaderRewritten, |case| header(case, |text| format!("{text}\r\n"))),
    (Cause::HeaderRewritten, |case| header(case, |text| text.replace(',', ";"))),
    (Cause::HeaderRewritten, |case| header(case, |text| text.replace('=', "%3D").replace(',', "%2C"))),
    (Cause::HeaderRewritten, |case| header(case, |text| format!("{text},{text}"))),
    (Cause::HeaderRewritten, |case| header(case, |text| format!("t=5,v1={},{text}", "0".repeat(64)))),
    (Cause::HeaderRewritten, |case| header(case, |text| text[..40].to_owned())),
    (Cause::HeaderRewritten, |case| header(case, |text| text.to_uppercase())),
    (Cause::UpperCaseHex, |case| {
        header(case, |text| text.replace(&text[text.len() - 64..], &text[text.len() - 64..].to_uppercase()))
    }),
];

const CLOCKS: [(Cause, Spoil); 3] = [
    (Cause::ClockSkew, |case| case.now = NOW + 420),
    (Cause::ClockSkew, |case| case.now = NOW - 420),
    (Cause::Milliseconds, |case| case.now = NOW * 1000 + 123),
];

#[test]
fn a_good_signature_has_no_cause() {
    for body in [&canonical()[..], TEXT.as_bytes(), b""] {
        let diagnosis = expect_certain(&genuine(body), Cause::None);
        assert_eq!((diagnosis.verdict, diagnosis.details.secret_index), (None, Some(0)));
    }
    let mut case = genuine(TEXT.as_bytes());
    case.secrets.insert(0, "whsec_new".to_owned());
    assert_eq!(expect_certain(&case, Cause::None).details.secret_index, Some(1));
}

#[test]
fn each_single_mistake_is_named_with_certainty() {
    for (cause, spoil) in [&BODIES[..], &SECRETS, &HEADERS, &CLOCKS].concat() {
        let mut case = genuine(&canonical());
        spoil(&mut case);
        expect_certain(&case, cause);
    }
}

#[test]
fn each_pair_of_mistakes_is_named_and_so_is_clock_skew_on_top() {
    let groups: [(Mistakes, Mistakes); 3] = [(&SECRETS, &BODIES), (&SECRETS, &HEADERS), (&BODIES, &HEADERS)];
    for (firsts, seconds) in groups {
        for (a, (first, spoil_first)) in firsts.iter().enumerate() {
            for (b, (second, spoil_second)) in seconds.iter().enumerate() {
                let mut case = genuine(&canonical());
                spoil_first(&mut case);
                spoil_second(&mut case);
                let diagnosis = run(&case);
                let what = format!("{first} {a} and {second} {b}: {diagnosis:#?}");
                assert_eq!(
                    (diagnosis.cause, &diagnosis.details.also[..], diagnosis.is_certain),
                    (*first, &[*second][..], true),
                    "{what}"
                );

                case.now = NOW + 100_000;
                let late = run(&case);
                assert_eq!((late.cause, &late.details.also[..]), (*first, &[*second, Cause::ClockSkew][..]), "{what}");
            }
        }
    }
}

#[test]
fn two_mistakes_in_one_body_are_both_named() {
    let (mark, newline, base64) = (Cause::ByteOrderMark, Cause::Newline, Cause::Base64Body);
    let mut case = genuine(&canonical());
    case.body = [b"\xef\xbb\xbf", &case.body[..], b"\n"].concat();
    let diagnosis = run(&case);
    assert_eq!((diagnosis.cause, &diagnosis.details.also[..]), (mark, &[newline][..]), "{diagnosis:#?}");

    let mut case = genuine(&canonical());
    case.body = BASE64.encode(without_points(&case.body)).into_bytes();
    let diagnosis = run(&case);
    assert_eq!((diagnosis.cause, &diagnosis.details.also[..]), (base64, &[Cause::BodyParsed][..]), "{diagnosis:#?}");
}

#[test]
fn a_gzip_body_is_inflated_whatever_its_header_holds() {
    for (flags, fields) in [
        (0b0_0001, &b""[..]),
        (0b0_0010, b"\x12\x34"),
        (0b0_0100, b"\x03\x00abc"),
        (0b0_1000, b"event.json\0"),
        (0b1_0000, b"a comment\0"),
        (0b1_1110, b"\x02\x00ab\0\0\x12\x34"),
    ] {
        let mut case = genuine(&canonical());
        case.body = gzip(flags, fields, &case.body);
        let diagnosis = expect_certain(&case, Cause::CompressedBody);
        assert_eq!(diagnosis.details.content_encoding, Some("gzip"));
        assert!(diagnosis.message().contains("(gzip)") && diagnosis.advice().contains("decompress"), "{diagnosis:#?}");
        // The body may be cut off anywhere.
        for length in 3..case.body.len() {
            let cut = Case { body: case.body[..length].to_vec(), ..case.clone() };
            assert_eq!(run(&cut).cause, Cause::CompressedBody, "{flags:b} {length}");
        }
    }
}

#[test]
fn a_body_that_cannot_be_inflated_is_known_by_its_encoding() {
    let diagnose = |body: &[u8], content_encoding| {
        let header = sign_payload(SECRET, &canonical(), NOW).expect("signed");
        diagnose(&Evidence {
            secrets: &[SECRET],
            signature_header: Some(&header),
            content_encoding: Some(content_encoding),
            body,
            now: NOW,
            ..Evidence::default()
        })
        .expect("a secret")
    };
    for (header, encoding) in [
        ("br", "br"),
        ("gzip, BR", "br"),
        ("zstd", "zstd"),
        ("deflate", "deflate"),
        ("x-gzip", "gzip"),
        ("aes128gcm", "unknown"),
    ] {
        let diagnosis = diagnose(b"\x0b\x02\x80\xff", header);
        assert_eq!(
            (diagnosis.cause, diagnosis.is_certain, diagnosis.details.content_encoding),
            (Cause::CompressedBody, true, Some(encoding)),
            "{header}"
        );
    }
    // A host may have inflated the body but left the header in place.
    assert_eq!(diagnose(&canonical(), "gzip").cause, Cause::None);
    assert_eq!(diagnose(br#"{"id":1}"#, "gzip").cause, Cause::BodyRewritten);
    assert_eq!(diagnose(b"[object Object]", "br").details.form, Some("object_text"));
    for text in ["[]", r#""{}""#, "plain text", "H4sIAAAAAAAAA6tWykxRsjIEAA"] {
        assert_ne!(diagnose(text.as_bytes(), "gzip").cause, Cause::CompressedBody, "{text}");
    }
    // Decoding compressed bytes as text loses them for good.
    let as_text = String::from_utf8_lossy(&gzip(0, b"", &canonical())).into_owned();
    for header in ["gzip", ""] {
        assert_eq!(diagnose(as_text.as_bytes(), header).cause, Cause::CompressedBody);
    }
    assert_ne!(diagnose(b"\x0b\x02\x80\xff", "identity").cause, Cause::CompressedBody);
}

#[test]
fn a_body_that_would_inflate_to_gigabytes_is_not_inflated() {
    let mut case = genuine(&canonical());
    case.body = gzip(0, b"", &vec![b' '; 64 << 20]);
    assert!(case.body.len() < 100_000);
    assert_eq!(run(&case).cause, Cause::CompressedBody);
}

#[test]
fn mistakes_made_with_non_ascii_text_are_named() {
    let signed = TEXT.as_bytes();
    let mut with_mark = b"\xef\xbb\xbf".to_vec();
    with_mark.extend_from_slice(signed);
    let windows_1252: Vec<u8> =
        TEXT.chars().map(|c| if c == '€' { 0x80 } else { u8::try_from(u32::from(c)).expect("latin-1") }).collect();
    let crlf = TEXT.replace('\n', "\r\n").into_bytes();
    let newline = [signed, b"\n"].concat();
    let cases = [
        (signed, latin1(signed).into_bytes(), Cause::Charset, Some("latin1")),
        (signed, windows_1252, Cause::Charset, Some("windows_1252")),
        (signed, crlf.clone(), Cause::LineEndings, Some("added")),
        (&crlf[..], signed.to_vec(), Cause::LineEndings, Some("dropped")),
        (&with_mark[..], signed.to_vec(), Cause::ByteOrderMark, Some("dropped")),
        (signed, with_mark.clone(), Cause::ByteOrderMark, Some("added")),
        (&newline[..], signed.to_vec(), Cause::Newline, Some("dropped")),
        (signed, newline.clone(), Cause::Newline, Some("added")),
    ];
    for (signed, received, cause, fact) in cases {
        let mut case = genuine(signed);
        case.body = received;
        let details = expect_certain(&case, cause).details;
        assert_eq!(details.form.or(details.change), fact);
    }
    let mut case = genuine(br#"{"b":1,"a":"\u00eb"}"#);
    (case.body, case.reserialized) = (b"{ }".to_vec(), Some(case.body));
    assert_eq!(expect_certain(&case, Cause::BodyParsed).details.form, Some("json_stringify"));
}

#[test]
fn mistakes_of_a_homemade_signer_are_named() {
    let mut case = genuine(&canonical());
    case.header = Some(sign_payload(SECRET, &case.body, NOW * 1000).expect("signed"));
    let diagnosis = expect_certain(&case, Cause::Milliseconds);
    assert_eq!(
        (diagnosis.details.milliseconds, diagnosis.verdict.map(|verdict| verdict.code())),
        (Some("timestamp"), Some("stale_signature"))
    );

    let mut case = genuine(&canonical());
    header(&mut case, |text| text.replacen("t=1700000000", "t=1700000000123", 1));
    expect_certain(&case, Cause::Milliseconds);

    let mut case = genuine(&canonical());
    header(&mut case, |text| {
        format!("t={NOW},v1={}", BASE64.encode(hex::decode(&text[text.len() - 64..]).expect("hex")))
    });
    expect_certain(&case, Cause::Base64Signature);

    let alone = mac_of_the_body_alone(&canonical());
    for text in [format!("t={NOW},v1={alone}"), alone.clone()] {
        let case = Case { header: Some(text), ..genuine(&canonical()) };
        expect_certain(&case, Cause::TimestampNotSigned);
    }
    let github = Case { header: Some(format!("sha256={alone}")), ..genuine(&canonical()) };
    assert_eq!(expect_certain(&github, Cause::OtherProvider).details.provider, Some("github"));
}

/// Computed from the definition of HMAC, because the crate never signs without a timestamp.
fn mac_of_the_body_alone(body: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let pad = |with: u8| (0..64).map(|at| SECRET.as_bytes().get(at).copied().unwrap_or(0) ^ with).collect::<Vec<u8>>();
    let inner = Sha256::digest([&pad(0x36), body].concat());
    hex::encode(Sha256::digest([&pad(0x5c)[..], &inner[..]].concat()))
}

#[test]
fn characters_and_encodings_missing_from_the_secret_are_named() {
    for (around, fact) in [("\n", "newline"), ("\r\n", "newline"), (" ", "white_space")] {
        let mut case = genuine(&canonical());
        case.header = Some(sign_payload(&format!("{SECRET}{around}"), &case.body, NOW).expect("signed"));
        assert_eq!(expect_certain(&case, Cause::SecretWrapped).details.missing, Some(fact));
    }
    for (encoded, fact) in [(BASE64.encode(SECRET), "base64"), (hex::encode(SECRET), "hex")] {
        let mut case = genuine(&canonical());
        case.header = Some(sign_payload(&encoded, &case.body, NOW).expect("signed"));
        assert_eq!(expect_certain(&case, Cause::SecretEncoded).details.decoded, Some(fact));
    }
    let mut case = genuine(&canonical());
    case.secrets = vec!["whsec_a".to_owned(), format!("'{SECRET}'")];
    assert_eq!(expect_certain(&case, Cause::SecretWrapped).details.secret_index, Some(1));
}

#[test]
fn clock_skew_is_reported_with_size_and_direction() {
    for (age, words) in [(420, "420 s (7 min) ago"), (-420, "420 s (7 min) ahead of"), (86_400 * 3, "(3 days) ago")] {
        let case = Case { now: NOW + age, ..genuine(&canonical()) };
        let diagnosis = expect_certain(&case, Cause::ClockSkew);
        assert_eq!((diagnosis.details.age_seconds, diagnosis.details.max_age_seconds), (Some(age), Some(300)));
        assert!(diagnosis.message().contains(words), "{}", diagnosis.message());
        assert_eq!(diagnosis.message().contains("recording"), age > 0, "{}", diagnosis.message());
    }
    let both = Case { now: NOW * 1000 + 5_000_000, ..genuine(&canonical()) };
    let diagnosis = run(&both);
    assert_eq!((diagnosis.cause, &diagnosis.details.also[..]), (Cause::Milliseconds, &[Cause::ClockSkew][..]));
    assert_eq!(diagnosis.details.age_seconds, Some(5000));
}

#[test]
fn a_mistake_that_cannot_be_undone_is_only_guessed_at() {
    let guess = |change: &dyn Fn(&mut Case), cause| {
        let mut case = genuine(&canonical());
        change(&mut case);
        let diagnosis = expect(&case, cause);
        assert!(!diagnosis.is_certain, "{diagnosis:#?}");
        diagnosis
    };
    let stranger = || vec!["whsec_stranger".to_owned()];
    guess(&|case| case.secrets = stranger(), Cause::UnknownSecret);
    guess(&|case| (case.secrets, case.body) = (stranger(), respaced(&case.body)), Cause::BodyRewritten);
    guess(
        &|case| {
            case.body = String::from_utf8_lossy(&case.body).replace("cus_1", "cus_ 2").replace(':', ": ").into_bytes()
        },
        Cause::BodyRewritten,
    );
    for body in ["{}", "5", r#""a string""#, r#"{"event_id":"e"}"#] {
        guess(&|case| (case.secrets, case.body) = (stranger(), body.as_bytes().to_vec()), Cause::BodyRewritten);
    }
    guess(&|case| (case.secrets, case.is_parsed) = (stranger(), true), Cause::BodyParsed);
    guess(&|case| case.body = "{\"name\":\"Zo\u{fffd}\"}".as_bytes().to_vec(), Cause::Charset);
    guess(&|case| case.body.truncate(60), Cause::BodyTruncated);
    guess(&|case| case.body = b"plain text".to_vec(), Cause::Unknown);
    guess(&|case| case.header = Some("anything".to_owned()), Cause::HeaderRewritten);
    guess(&|case| case.header = Some(format!("t={NOW}")), Cause::HeaderRewritten);
    guess(&|case| case.body = br#"{"id":"evt_9","object":"event","livemode":false}"#.to_vec(), Cause::OtherProvider);
    guess(&|case| case.header = Some(format!("t={NOW},v0=a,v1={}", "0".repeat(64))), Cause::OtherProvider);
    guess(&|case| (case.body, case.content_length) = (b"no JSON".to_vec(), Some(3)), Cause::Unknown);
    let cut = guess(&|case| (case.body, case.content_length) = (b"0".to_vec(), Some(700)), Cause::BodyTruncated);
    assert_eq!((cut.details.body_bytes, cut.details.content_length), (Some(1), Some(700)));
    let late = Case { secrets: stranger(), now: NOW + 1000, ..genuine(&canonical()) };
    assert_eq!((run(&late).cause, &run(&late).details.also[..]), (Cause::UnknownSecret, &[Cause::ClockSkew][..]));
}

#[test]
fn a_mistake_in_plain_sight_is_certain() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    for header in [None, Some(String::new()), Some("  ".to_owned())] {
        let case = Case { header, names: names(&["Host", "Content-Type"]), ..genuine(&canonical()) };
        let diagnosis = expect_certain(&case, Cause::MissingHeader);
        assert_eq!(diagnosis.verdict, Some(SignatureError::MalformedHeader));
        assert!(diagnosis.message().contains("Host, Content-Type"), "{}", diagnosis.message());
    }
    for (name, provider) in [
        ("Stripe-Signature", "stripe"),
        ("X-Hub-Signature-256", "github"),
        ("webhook-signature", "standard_webhooks"),
        ("SVIX-SIGNATURE", "svix"),
        ("X-Shopify-Hmac-Sha256", "shopify"),
    ] {
        let case = Case { header: None, names: names(&["Host", name]), ..genuine(&canonical()) };
        assert_eq!(expect_certain(&case, Cause::OtherProvider).details.provider, Some(provider));
    }
    for (shape, provider) in [
        (format!("sha256={}", "ab".repeat(32)), "github"),
        (format!("v1,{}", BASE64.encode([7; 32])), "standard_webhooks"),
        (BASE64.encode([7; 32]), "shopify"),
    ] {
        let case = Case { header: Some(shape), ..genuine(&canonical()) };
        let diagnosis = expect(&case, Cause::OtherProvider);
        assert_eq!((diagnosis.details.provider, diagnosis.is_certain), (Some(provider), false));
    }
    expect_certain(&Case { body: Vec::new(), ..genuine(&canonical()) }, Cause::EmptyBody);
    expect_certain(&Case { body: b"{}".to_vec(), is_parsed: true, ..genuine(&canonical()) }, Cause::EmptyBody);
    let object = Case { body: b"[object Object]".to_vec(), ..genuine(&canonical()) };
    assert_eq!(expect_certain(&object, Cause::BodyParsed).details.form, Some("object_text"));
}

#[test]
fn a_newline_in_the_right_secret_is_reported_before_another_secret() {
    let mut case = genuine(&canonical());
    case.others.push(("eu".to_owned(), SECRET.to_owned()));
    for wrapped in [format!("{SECRET}\n"), format!("{SECRET}\\n"), format!("\"{SECRET}\\n\"")] {
        case.secrets[0] = wrapped;
        assert_eq!(run(&case).cause, Cause::SecretWrapped, "{}", case.secrets[0]);
    }
}

#[test]
fn characters_around_the_secret_are_named() {
    for (wrapped, around) in [
        (format!("\"{SECRET}\""), "quotes"),
        (format!(" '{SECRET}'"), "quotes"),
        (format!("{SECRET}\n"), "newline"),
        (format!("{SECRET}\\n"), "newline"),
        (format!(" {SECRET}"), "white_space"),
        (format!("NAME={SECRET}"), "name"),
        (format!("whsec_{SECRET}"), "whsec_prefix"),
    ] {
        let mut case = genuine(&canonical());
        case.secrets[0] = wrapped;
        assert_eq!(expect_certain(&case, Cause::SecretWrapped).details.around, Some(around));
    }
}

#[test]
fn trailing_newlines_are_not_mistaken_for_a_parsed_body() {
    for end in ["\n\n", "\r\n\r\n", "\r", "\n\r\n"] {
        let mut case = genuine(&canonical());
        case.body.extend_from_slice(end.as_bytes());
        assert_eq!(expect_certain(&case, Cause::Newline).details.change, Some("added"));
    }
}

#[test]
fn a_list_of_byte_values_is_read_as_bytes() {
    let mut case = genuine(&canonical());
    case.body = case.body.iter().map(u8::to_string).collect::<Vec<_>>().join(",").into_bytes();
    assert_eq!(expect_certain(&case, Cause::BodyParsed).details.form, Some("buffer_json"));
}

#[test]
fn complete_json_is_not_called_truncated() {
    let mut case = Case { secrets: vec!["whsec_stranger".to_owned()], ..genuine(&canonical()) };
    case.content_length = Some(case.body.len() as u64);
    case.body = without_points(&case.body);
    expect(&case, Cause::BodyRewritten);
}

#[test]
fn milliseconds_are_named_once_and_only_where_they_were_used() {
    let mut case = genuine(&canonical());
    header(&mut case, |text| text.replacen("t=1700000000", "t=1700000000123", 1));
    let message = expect_certain(&case, Cause::Milliseconds).message();
    assert_eq!(message.matches("milliseconds").count(), 1, "{message}");

    let microseconds = sign_payload(SECRET, &case.body, NOW * 1_000_000).expect("signed");
    case.header = Some(microseconds);
    expect_certain(&case, Cause::ClockSkew);
}

#[test]
fn too_narrow_a_window_is_not_blamed_on_the_clock() {
    for (window, now) in [(-1, NOW), (0, NOW + 2), (4, NOW - 5), (4, NOW + 5)] {
        let body = canonical();
        let header = sign_payload(SECRET, &body, NOW).expect("signed");
        let evidence = Evidence {
            secrets: &[SECRET],
            signature_header: Some(&header),
            body: &body,
            max_age_seconds: window,
            now,
            ..Evidence::default()
        };
        let found = diagnose(&evidence).expect("a secret");
        assert!(found.is_certain && found.cause == Cause::ClockSkew, "{found:?}");
        assert!(found.advice().contains("window") && !found.advice().contains("NTP"), "{found:?}");
    }
}

#[test]
fn names_and_labels_show_no_secrets_or_terminal_escapes() {
    let mut case = genuine(&canonical());
    case.secrets[0] = "whsec_us".to_owned();
    for (label, shown) in [("eu\u{1b}[2J\n", Some("eu[2J")), (SECRET, None)] {
        case.others = vec![("staging".to_owned(), "whsec_staging".to_owned()), (label.to_owned(), SECRET.to_owned())];
        let diagnosis = expect_certain(&case, Cause::OtherSecret);
        assert_eq!((diagnosis.details.other_secret, diagnosis.details.other_secret_label.as_deref()), (Some(1), shown));
        assert!(diagnosis.message().contains(shown.unwrap_or("other_secrets[1]")), "{}", diagnosis.message());
    }
    let case = Case { header: None, names: vec!["x\u{1b}[2J\n".to_owned()], ..genuine(&canonical()) };
    assert!(expect_certain(&case, Cause::MissingHeader).message().ends_with(" x[2J."));
}

#[test]
fn an_empty_header_is_not_called_absent() {
    let case = Case { header: Some(String::new()), ..genuine(&canonical()) };
    let message = expect_certain(&case, Cause::MissingHeader).message();
    assert!(message.contains("is there, but has no text"), "{message}");
}

#[test]
fn long_names_and_long_lists_of_names_are_truncated() {
    let names = (0..60).map(|index| format!("x-{index}-{}", "é".repeat(100))).collect();
    let shown = expect_certain(&Case { header: None, names, ..genuine(&canonical()) }, Cause::MissingHeader).details;
    assert_eq!((shown.header_names.len(), shown.header_names[9].chars().count()), (50, 64));
}

#[test]
fn each_of_a_hundred_secrets_is_tried() {
    let mut case = genuine(&canonical());
    case.secrets = (1..100).map(|index| format!("whsec_{index:04}")).chain([format!("{SECRET}\n")]).collect();
    assert_eq!(expect_certain(&case, Cause::SecretWrapped).details.secret_index, Some(99));
    case.secrets.insert(0, "whsec_first".to_owned());
    assert!(expect(&case, Cause::UnknownSecret).details.is_incomplete);
}

/// A delivery of about this length with 256 secrets, of which the one at `index` is right.
fn with_many_secrets(bytes: usize, index: usize) -> Case {
    let text = "x".repeat(bytes - canonical().len());
    let mut case = genuine(String::from_utf8_lossy(&canonical()).replace("Zo", &format!("Zo{text}")).as_bytes());
    case.secrets = (0..256).map(|number| format!("whsec_{number:04}")).collect();
    case.secrets[index] = SECRET.to_owned();
    case
}

#[test]
fn every_body_mistake_is_found_with_64_kb_and_256_secrets() {
    for (cause, spoil) in BODIES {
        let mut case = with_many_secrets(60_000, 255);
        spoil(&mut case);
        if case.body.len() > 64 * 1024 {
            case = with_many_secrets(14_000, 255);
            spoil(&mut case);
        }
        assert_eq!(expect_certain(&case, cause).details.secret_index, Some(255));
    }
    for end in ["\n", "\r\n"] {
        let mut case = with_many_secrets(60_000, 255);
        case.header = Some(sign_payload(SECRET, &[&case.body, end.as_bytes()].concat(), NOW).expect("signed"));
        assert_eq!(expect_certain(&case, Cause::Newline).details.change, Some("dropped"));
    }
}

#[test]
fn every_other_mistake_is_found_with_64_kb_and_256_secrets() {
    for (cause, spoil) in [&SECRETS[..10], &HEADERS].concat() {
        let mut case = with_many_secrets(60_000, 0);
        spoil(&mut case);
        case.secrets.swap(0, 99);
        expect_certain(&case, cause);
    }
    let mut case = with_many_secrets(60_000, 0);
    case.secrets[0] = "whsec_stranger".to_owned();
    case.others.push(("eu".to_owned(), SECRET.to_owned()));
    expect_certain(&case, Cause::OtherSecret);
}

#[test]
fn an_incomplete_search_says_so_and_has_tried_the_first_secret() {
    let long = vec![b' '; MAX_BODY_BYTES];
    let mut case = Case { secrets: (0..256).map(|number| format!("whsec_{number}")).collect(), ..genuine(&long) };
    case.secrets[255] = SECRET.to_owned();
    let diagnosis = run(&case);
    assert!(diagnosis.details.is_incomplete && diagnosis.verdict.is_some(), "{diagnosis:#?}");
    case.secrets.swap(0, 255);
    expect_certain(&case, Cause::None);
    expect_certain(&genuine(&vec![b' '; 300 << 20]), Cause::None);
}

#[test]
fn some_numbers_may_have_lost_their_decimal_points() {
    let mut case = genuine(br#"{"a":1.0,"b":{"c":2,"d":[3.0,4.0]},"e":5,"timestamp":6}"#);
    case.body = br#"{"a":1,"b":{"c":2,"d":[3,4]},"e":5,"timestamp":6}"#.to_vec();
    assert_eq!(expect_certain(&case, Cause::BodyParsed).details.form, Some("floats"));
}

#[test]
fn the_window_is_inclusive() {
    for now in [NOW - 300, NOW + 300] {
        expect_certain(&Case { now, ..genuine(&canonical()) }, Cause::None);
    }
}

#[test]
fn a_few_digits_of_a_signature_prove_nothing() {
    for (length, is_certain) in [(33, true), (32, true), (31, false), (22, false)] {
        let mut case = genuine(&canonical());
        header(&mut case, |text| text[..length].to_owned());
        let diagnosis = expect(&case, Cause::HeaderRewritten);
        assert_eq!((diagnosis.details.header, diagnosis.is_certain), (Some("truncated"), is_certain), "{length}");
    }
}

#[test]
fn a_parsed_object_never_verifies_even_if_its_text_would() {
    let diagnosis = expect_certain(&Case { is_parsed: true, ..genuine(&canonical()) }, Cause::BodyParsed);
    assert_eq!(diagnosis.verdict, Some(SignatureError::SignatureMismatch { signatures: 1, secrets: 1 }));
}

#[test]
fn long_secrets_do_not_take_long() {
    let secrets: Vec<String> = (0..100).map(|index| format!("\"{}{index}\n", "%41".repeat(20_000))).collect();
    let started = std::time::Instant::now();
    let diagnosis = run(&Case { secrets, ..genuine(&canonical()) });
    assert!(diagnosis.details.is_incomplete && started.elapsed().as_secs() < 15, "{:?}", started.elapsed());
}

#[test]
fn an_empty_secret_is_a_configuration_error() {
    for secrets in [&[][..], &[""], &["x", ""]] {
        let evidence = Evidence { secrets, ..Evidence::default() };
        assert_eq!(diagnose(&evidence).err(), Some(ConfigurationError::EmptySecret));
    }
}

#[test]
fn beyond_the_limits_the_rest_is_still_diagnosed() {
    let long = vec![b' '; MAX_BODY_BYTES + 1];
    let mut case = genuine(&long);
    expect_certain(&case, Cause::None);
    case.secrets[0].push('\n');
    expect_certain(&case, Cause::SecretWrapped);
    case.secrets[0] = "whsec_stranger".to_owned();
    case.body.push(b'\n');
    let diagnosis = run(&case);
    assert!(diagnosis.details.is_incomplete && diagnosis.message().contains("too long"), "{diagnosis:#?}");
}

#[test]
fn random_deliveries_never_panic() {
    let mut random = StdRng::seed_from_u64(7);
    let pieces: [&[u8]; 22] = [
        b"",
        b"\"",
        b"{",
        b"}",
        b"[",
        b"]",
        b"\\",
        b"\\ud800",
        b"\xef\xbb\xbf",
        b"\r\n",
        b"\xff",
        b"=",
        b",",
        b";",
        b"%3D",
        b"t=",
        b"v1=",
        b"1e999",
        b"12500",
        b"{\"type\":\"Buffer\",\"data\":[",
        b"\xc3\xa9",
        b"\0",
    ];
    for _ in 0..1500 {
        let mut case = genuine(&canonical());
        if random.random_bool(0.5) {
            let all = [&BODIES[..], &SECRETS, &HEADERS, &CLOCKS].concat();
            all[random.random_range(0..all.len())].1(&mut case);
        }
        mutate(&mut random, &mut case.body, &pieces);
        case.body.truncate(400);
        let mut text = case.header.take().unwrap_or_default().into_bytes();
        mutate(&mut random, &mut text, &pieces);
        case.header = Some(String::from_utf8_lossy(&text).into_owned());
        let mut secret = case.secrets[0].clone().into_bytes();
        mutate(&mut random, &mut secret, &pieces);
        case.secrets[0] = format!("{}x", String::from_utf8_lossy(&secret));
        case.is_parsed = random.random_bool(0.2);
        case.now = if random.random_bool(0.2) { random.random() } else { case.now };
        case.content_length = random.random_bool(0.2).then(|| random.random());
        run(&case);
    }
}

fn mutate(random: &mut StdRng, bytes: &mut Vec<u8>, pieces: &[&[u8]]) {
    for _ in 0..random.random_range(0..3) {
        let at = random.random_range(0..=bytes.len());
        let end = (at + random.random_range(0..6)).min(bytes.len());
        bytes.splice(at..end, pieces[random.random_range(0..pieces.len())].iter().copied());
    }
}
