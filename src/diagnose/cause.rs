use super::Delivery;
use super::mistake::Mistake;
use crate::SignatureError;
use std::fmt;

macro_rules! causes {
    ($($(#[$doc:meta])* $name:ident $code:literal)*) => {
        /// Why a signature does not verify.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Cause { $($(#[$doc])* $name,)* }

        impl Cause {
            /// Every cause.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The cause's code, frozen.
            pub const fn code(&self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

causes! {
    /// The signature is good.
    None "none"
    /// The body was parsed and written again.
    BodyParsed "body_parsed"
    /// A byte-order mark was added or dropped.
    ByteOrderMark "byte_order_mark"
    /// A newline at the body's end was added or dropped.
    Newline "newline"
    /// Line endings were changed between LF and CRLF.
    LineEndings "line_endings"
    /// The body was decoded or encoded in a wrong charset.
    Charset "charset"
    /// The body is still in base64.
    Base64Body "base64_body"
    /// The body was compressed on the way.
    CompressedBody "compressed_body"
    /// The body is not as Dealix writes it, and cannot be restored.
    BodyRewritten "body_rewritten"
    /// A part of the body is missing.
    BodyTruncated "body_truncated"
    /// There is no body.
    EmptyBody "empty_body"
    /// White space, quotes, … stand around the secret, or are missing there.
    SecretWrapped "secret_wrapped"
    /// The secret is encoded, or was decoded.
    SecretEncoded "secret_encoded"
    /// It is another of the secrets given.
    OtherSecret "other_secret"
    /// All is well-formed: most likely it was signed with a secret that was not given.
    UnknownSecret "unknown_secret"
    /// A time is in milliseconds.
    Milliseconds "milliseconds"
    /// The signature is right, but too old or from the future.
    ClockSkew "clock_skew"
    /// The delivery is another provider's.
    OtherProvider "other_provider"
    /// There is no signature header.
    MissingHeader "missing_header"
    /// The signature header was changed.
    HeaderRewritten "header_rewritten"
    /// The signature is in upper-case hex.
    UpperCaseHex "upper_case_hex"
    /// The signature is in base64.
    Base64Signature "base64_signature"
    /// The MAC was made without the time.
    TimestampNotSigned "timestamp_not_signed"
    /// Nothing that was tried explains it.
    Unknown "unknown"
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What [`diagnose`](super::diagnose) answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The verifier's verdict, which the diagnosis does not change; none where the signature is good. Where there are so many
    /// secrets for so long a body that not all were tried ([`Details::is_incomplete`]), it is that of those that were.
    pub verdict: Option<SignatureError>,
    /// The cause; where there are several, the first, and [`Details::also`] has the others.
    pub cause: Cause,
    /// Whether it was proven: the signature matches once the mistake is undone, or the mistake is there to see.
    pub is_certain: bool,
    /// One sentence on what was found.
    pub message: String,
    /// What to do.
    pub advice: String,
    /// Facts.
    pub details: Details,
}

/// Facts about a diagnosis; those that do not apply are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Details {
    /// Other causes that are to be mended too.
    pub also: Vec<Cause>,
    /// `added` or `dropped`: what happened on the way to a byte-order mark, a newline, or carriage returns.
    pub change: Option<&'static str>,
    /// What became of the body, such as `canonical` or `latin1`.
    pub form: Option<&'static str>,
    /// What stands around the secret, such as `quotes`.
    pub around: Option<&'static str>,
    /// What is missing around the secret.
    pub missing: Option<&'static str>,
    /// The secret given is this encoding of the right one.
    pub encoded: Option<&'static str>,
    /// The right secret is this encoding of the one given.
    pub decoded: Option<&'static str>,
    /// Which of the secrets it is, counted from 0.
    pub secret_index: Option<usize>,
    /// The label of the other secret that it is.
    pub other_secret: Option<String>,
    /// What the body is compressed with, such as `gzip`.
    pub content_encoding: Option<&'static str>,
    /// Whose delivery it is, such as `stripe`.
    pub provider: Option<&'static str>,
    /// What is in milliseconds: `timestamp` or `now`.
    pub milliseconds: Option<&'static str>,
    /// The receiver's clock minus the signature's time, in seconds.
    pub age_seconds: Option<i64>,
    /// The window that was applied, in seconds.
    pub max_age_seconds: Option<i64>,
    /// What is wrong with the header, such as `white_space`.
    pub header: Option<&'static str>,
    /// The names of the headers that were there, where the signature header was not; at most 50.
    pub header_names: Vec<String>,
    /// How long the body is, where `Content-Length` says otherwise.
    pub body_bytes: Option<u64>,
    /// What `Content-Length` says, where the body is not as long.
    pub content_length: Option<u64>,
    /// Whether not all was tried, so that a cause may have been overlooked.
    pub is_incomplete: bool,
}

impl Diagnosis {
    pub(super) fn new(
        delivery: &Delivery,
        verdict: Option<SignatureError>,
        mistakes: &[Mistake],
        is_certain: bool,
        mut details: Details,
    ) -> Self {
        let mut causes: Vec<Cause> = Vec::new();
        for mistake in mistakes {
            mistake.note(delivery, &mut details);
            if !causes.contains(&mistake.cause()) {
                causes.push(mistake.cause());
            }
        }
        let cause = causes.first().copied().unwrap_or(Cause::None);
        details.also = causes.into_iter().skip(1).collect();
        let (message, advice) = super::words::sentences(mistakes, &details);
        Self { verdict, cause, is_certain, message, advice, details }
    }
}
