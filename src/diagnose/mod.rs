//! Finds out why a signature does not verify: a last resort, for development.
//!
//! [`diagnose`](diagnose()) takes what a receiver has and tries common mistakes, the fewest at once first: those in the body
//! (parsed and written again, a newline, a charset, …), in the secret (quotes around it, another endpoint's, …), in the
//! header and in the clock, and pairs of them. It names the cause and advises what to do. It never changes a verdict, and a
//! diagnosis never holds a secret, a body or an expected MAC.
//!
//! ```
//! use dealix_webhooks::diagnose::{BodyForm, Cause, Evidence, Mistake, diagnose};
//! # let now = 1_700_000_000;
//! # let header = dealix_webhooks::sign_payload("whsec_test", br#"{"amount":12.5,"id":"evt_1"}"#, now)?;
//!
//! let diagnosis = diagnose(&Evidence {
//!     secrets: &["whsec_test"],
//!     signature_header: Some(&header),
//!     body: br#"{"id": "evt_1", "amount": 12.5}"#, // parsed and written again
//!     now,
//!     ..Evidence::default()
//! })?;
//! assert_eq!(diagnosis.cause, Cause::BodyParsed);
//! assert_eq!(diagnosis.mistakes, [Mistake::BodyParsed(BodyForm::Canonical)]);
//! assert!(diagnosis.is_certain);
//! println!("{} {}", diagnosis.message(), diagnosis.advice());
//! # Ok::<(), dealix_webhooks::ConfigurationError>(())
//! ```
//!
//! Time and memory are bounded, the time to about a second in WebAssembly. For bodies longer than [`MAX_BODY_BYTES`], or
//! many secrets with a long body, not everything is tried, and [`Details::is_incomplete`] says so.

pub(crate) mod advice;
mod body;
mod budget;
mod cause;
mod charset;
mod clock;
mod codes;
mod compressed;
mod details;
mod diagnosis;
mod encoding;
mod evidence;
mod examine;
mod facts;
pub(crate) mod finding;
mod floats;
mod found;
mod guess;
mod header;
mod mistake;
mod parsed;
mod provider;
mod search;
mod secret;
pub(crate) mod sentences;
pub(crate) mod test_event;
mod undo;

pub use cause::Cause;
pub use details::Details;
pub use diagnosis::Diagnosis;
pub use evidence::{Evidence, MAX_BODY_BYTES};
pub use examine::diagnose;
pub use facts::{BodyForm, Change, Charset, Compression, HeaderFault, SecretEncoding, Time, Wrapping};
pub use mistake::Mistake;
pub use provider::Provider;
