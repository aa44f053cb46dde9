//! Why a signature does not verify: the help of last resort, for development.
//!
//! [`diagnose`] takes what a receiver has and tries what commonly goes wrong, the fewest mistakes first: those of the
//! body (parsed and written again, a newline, a charset, …), of the secret (quotes around it, another endpoint's, …), of
//! the header and of the clock, and pairs of them. It names the cause with a sentence of advice. It never changes a
//! verdict, and nothing that it answers holds a secret, a body or an expected MAC.
//!
//! ```
//! use dealix_webhooks::diagnose::{Cause, Delivery, diagnose};
//! # let now = 1_700_000_000;
//! # let header = dealix_webhooks::sign_payload("whsec_test", br#"{"amount":12.5,"id":"evt_1"}"#, now)?;
//!
//! let diagnosis = diagnose(&Delivery {
//!     secrets: &["whsec_test"],
//!     signature_header: Some(&header),
//!     body: br#"{"id": "evt_1", "amount": 12.5}"#, // parsed and written again
//!     now,
//!     ..Delivery::default()
//! })?;
//! assert_eq!(diagnosis.cause, Cause::BodyParsed);
//! assert!(diagnosis.is_certain);
//! println!("{} {}", diagnosis.message, diagnosis.advice);
//! # Ok::<(), dealix_webhooks::ConfigurationError>(())
//! ```
//!
//! Time and memory are bounded, the time to about a second in WebAssembly: beyond [`MAX_BODY_BYTES`], or when many secrets
//! meet a long body, not all is tried, and [`Details::is_incomplete`] says so.

mod body;
mod budget;
mod cause;
mod charset;
mod clock;
mod compressed;
mod encoding;
mod floats;
mod guess;
mod header;
mod mistake;
mod provider;
mod search;
mod secret;
mod test_event;
mod words;

pub use cause::{Cause, Details, Diagnosis};

use crate::{ConfigurationError, DEFAULT_MAX_AGE_SECONDS, SignatureError, SignatureHeader};
use budget::Budget;

/// The longest body of which every mistake is tried: 4 MiB. Of a longer one only those of secret, header and clock are.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// What a receiver has of one delivery, and what it verifies with. Set `secrets`, `signature_header`, `body` and `now`,
/// and what you have of the rest.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    /// The endpoint's secrets, as [`Verifier::new`](crate::Verifier::new) takes them.
    pub secrets: &'a [&'a str],
    /// Secrets of other endpoints or environments, each with a label that the answer may name; empty ones are passed over.
    pub other_secrets: &'a [(&'a str, &'a str)],
    /// The `Dealix-Signature` header's value; none where there is no such header.
    pub signature_header: Option<&'a str>,
    /// The names of all headers, so that another provider's are seen.
    pub header_names: &'a [&'a str],
    /// What the request's `Content-Length` says, in bytes.
    pub content_length: Option<u64>,
    /// The request's `Content-Encoding`; none where there is no such header.
    pub content_encoding: Option<&'a str>,
    /// The body as it is passed to the verifier.
    pub body: &'a [u8],
    /// Whether the body was a parsed object, so that there are no bytes; `body` is then what `JSON.stringify` makes of it.
    pub is_parsed: bool,
    /// Of a body in bytes: what a JavaScript receiver's `JSON.stringify(JSON.parse(body))` is.
    pub stringified: Option<&'a [u8]>,
    /// The window, in seconds; [`DEFAULT_MAX_AGE_SECONDS`] by default.
    pub max_age_seconds: i64,
    /// The receiver's clock, in seconds since 1970.
    pub now: i64,
}

impl Default for Delivery<'_> {
    fn default() -> Self {
        Self {
            secrets: &[],
            other_secrets: &[],
            signature_header: None,
            header_names: &[],
            content_length: None,
            content_encoding: None,
            body: &[],
            is_parsed: false,
            stringified: None,
            max_age_seconds: DEFAULT_MAX_AGE_SECONDS,
            now: 0,
        }
    }
}

/// Says why a delivery does not verify; see the [module](self).
///
/// # Errors
/// [`ConfigurationError::EmptySecret`] where one of `secrets` is empty, or none is given.
pub fn diagnose(delivery: &Delivery) -> Result<Diagnosis, ConfigurationError> {
    let mut budget = Budget::of_search();
    let found = search::search(delivery, &mut budget)?;
    let verdict = verdict(delivery, found.as_ref().is_some_and(|found| found.mistakes.is_empty()));
    let mut details = Details::default();
    let (mut mistakes, is_certain, timestamp) = match found {
        Some(found) => {
            details.secret_index = found.secret_index;
            (found.mistakes, true, found.timestamp)
        }
        None => {
            let mut of_guess = Budget::of_guess();
            let (mistake, is_certain) = guess::guess(delivery, &mut of_guess);
            details.is_incomplete = budget.is_incomplete() || of_guess.is_incomplete();
            (vec![mistake], is_certain, stated_time(delivery))
        }
    };
    for mistake in timestamp.map_or_else(Vec::new, |timestamp| clock::mistakes(timestamp, delivery)) {
        // A time in milliseconds may have been found with the signature.
        if !mistakes.contains(&mistake) {
            mistakes.push(mistake);
        }
    }
    Ok(Diagnosis::new(delivery, verdict, &mistakes, is_certain, details))
}

/// What the verifier says, given whether the signature is good. An object that a parser made has none that could be.
fn verdict(delivery: &Delivery, is_good: bool) -> Option<SignatureError> {
    let header = match SignatureHeader::parse(delivery.signature_header.unwrap_or_default()) {
        Ok(header) => header,
        Err(error) => return Some(error),
    };
    if let Err(error) = header.check_age(delivery.now, delivery.max_age_seconds) {
        return Some(error);
    }
    let (signatures, secrets) = (header.signature_count(), delivery.secrets.len());
    (!is_good).then_some(SignatureError::SignatureMismatch { signatures, secrets })
}

/// The time of a header whose signature nothing explains.
fn stated_time(delivery: &Delivery) -> Option<i64> {
    let header = SignatureHeader::parse(delivery.signature_header.unwrap_or_default());
    header.ok().map(|header| header.timestamp())
}
