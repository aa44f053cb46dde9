#![doc = include_str!("README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

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
