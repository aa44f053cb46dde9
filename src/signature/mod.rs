//! The signature scheme: `t=<unix seconds>,v1=<hex>` over HMAC-SHA256.

mod comparison;
mod configuration_error;
mod header;
mod key;
mod keys;
mod mac;
pub(crate) mod secret;
mod sign;
mod signature_error;
mod verification;
mod verifier;
mod verify_error;

#[cfg(feature = "wasm")]
pub(crate) use comparison::Comparison;
pub use configuration_error::ConfigurationError;
pub use header::{MAX_HEADER_BYTES, MAX_TIMESTAMP, SignatureHeader};
#[cfg(feature = "diagnose")]
pub(crate) use header::{is_fresh, parse_timestamp, values};
#[cfg(any(feature = "diagnose", all(test, feature = "wasm")))]
pub(crate) use key::Key;
#[cfg(any(feature = "diagnose", feature = "wasm"))]
pub(crate) use mac::MAC_BYTES;
#[cfg(feature = "wasm")]
pub(crate) use mac::{HEX_DIGITS, hex_digits};
pub use sign::sign_payload;
#[cfg(feature = "native")]
pub(crate) use sign::sign_with_each;
pub use signature_error::SignatureError;
pub use verification::{Verification, Verified};
pub use verifier::{DEFAULT_MAX_AGE_SECONDS, Verifier, verify_signature};
pub use verify_error::VerifyError;
