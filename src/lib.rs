#![doc = include_str!("README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod canonical;
#[cfg(feature = "clock")]
mod clock;
#[cfg(feature = "diagnose")]
pub mod diagnose;
mod event;
mod json;
#[cfg(feature = "native")]
pub mod sender;
mod signature;
#[cfg(any(feature = "wasm", feature = "wasm-testing"))]
mod wasm;

pub use canonical::{CanonicalError, CanonicalErrorKind, serialize_envelope};
#[cfg(feature = "clock")]
pub use clock::unix_now;
pub use event::catalogue;
pub use event::{EVENT_TYPES, EnvelopeError, EventType, RecordError, WebhookEvent, event_id, make_event};
pub use signature::{
    ConfigurationError, DEFAULT_MAX_AGE_SECONDS, MAX_HEADER_BYTES, MAX_TIMESTAMP, SignatureError, SignatureHeader,
    Verification, Verified, Verifier, VerifyError, sign_payload, verify_signature,
};
