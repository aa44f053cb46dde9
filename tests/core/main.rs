//! The core, which uses no clock and no I/O: signatures, events, canonical JSON and diagnoses.

#[path = "../support/mod.rs"]
mod support;

mod canonical_python;
mod catalogue;
mod decisions;
#[cfg(feature = "diagnose")]
mod diagnose;
mod event;
mod guessable_secrets;
mod properties;
mod properties_of_json;
mod published_vectors;
mod rfc4231;
mod robustness;
mod signature;
mod vectors;
