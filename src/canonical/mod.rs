//! Canonical JSON: the same bytes as Python's `json.dumps(…, separators=(",", ":"), sort_keys=True)` (CONTRACT §2).

mod envelope;
mod error;
mod failure;
#[cfg(not(all(target_arch = "wasm32", feature = "wasm-testing")))]
mod float;
#[cfg(all(target_arch = "wasm32", feature = "wasm-testing"))]
#[path = "float_of_host.rs"]
mod float;
mod number;
mod string;
mod value;

pub use envelope::serialize_envelope;
#[cfg(feature = "wasm-testing")]
pub(crate) use envelope::write_envelope;
pub use error::{CanonicalError, CanonicalErrorKind};
#[cfg(feature = "wasm-testing")]
pub(crate) use string::write as write_string;
#[cfg(feature = "diagnose")]
pub(crate) use value::canonical_json;
