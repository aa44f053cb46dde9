//! Sign and verify Dealix webhooks.
//!
//! A delivery is an HTTP POST whose body is an *envelope* and whose `Dealix-Signature` header holds an
//! HMAC-SHA256 over the body. This crate is the pure core: it has no clock, no I/O and no randomness of
//! its own. The npm package `@dealix/webhooks` is this crate compiled to WebAssembly.
//!
//! ```
//! use dealix_webhooks::{Verifier, WebhookEvent};
//!
//! # let body = br#"{"api_version":"v1","customer_id":"cus_1","data":{},"id":"evt_1","timestamp":1,"type":"deal.won"}"#;
//! # let now = 1_700_000_000;
//! # let header = dealix_webhooks::sign_payload("whsec_current", body, now)?;
//! // At start-up. Several secrets may be valid at once, while one is being rotated out.
//! let verifier = Verifier::new(["whsec_current", "whsec_previous"])?;
//!
//! // For each request: the header, the body's bytes exactly as they arrived, the seconds since 1970.
//! let verified = verifier.verify(&header, body, now)?;
//! let event = WebhookEvent::from_envelope(body)?;
//!
//! assert_eq!(verified.secret_index, 0);
//! assert_eq!(event.event_type.as_str(), "deal.won");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | feature | adds |
//! | --- | --- |
//! | `wasm` | the bindings of the npm package's receiver |
//! | `wasm-testing` | the bindings of its `./testing` entry: canonical JSON, event ids and diagnoses |
//! | `native` | the sender: subscriptions, deliveries over HTTP, the retry schedule |
//! | `queue` | its durable queue, in an embedded SQLite database |
//! | `postgres` | the queue in PostgreSQL, for many machines |
//! | `cli` | `dealix-sender`, the operators' command |

#![forbid(unsafe_code)]

mod canonical;
pub mod diagnose;
mod event;
mod fields;
mod json;
#[cfg(feature = "native")]
pub mod sender;
mod signature;
#[cfg(feature = "wasm")]
mod wasm;
#[cfg(feature = "wasm-testing")]
mod wasm_testing;

pub use canonical::{CanonicalError, CanonicalErrorKind, serialize_envelope};
pub use diagnose::diagnose;
pub use event::{EVENT_TYPES, EventType, WebhookEvent, event_id, make_event};
pub use fields::{InvalidEnvelope, InvalidRecord};
pub use signature::{
    ConfigurationError, DEFAULT_MAX_AGE_SECONDS, MAX_HEADER_BYTES, MAX_TIMESTAMP, SignatureError, SignatureHeader,
    Verification, Verified, Verifier, VerifyError, sign_payload, verify_signature,
};
