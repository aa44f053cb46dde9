//! The signature scheme: `t=<unix seconds>,v1=<hex>` over HMAC-SHA256.

mod error;
mod header;
mod key;
pub(crate) mod secret;
mod sign;
mod verifier;

pub use error::{ConfigurationError, SignatureError, VerifyError};
pub use header::{MAX_HEADER_BYTES, SignatureHeader};
pub(crate) use header::{is_fresh, parse_timestamp, values};
pub use key::MAX_TIMESTAMP;
#[cfg(feature = "wasm")]
pub(crate) use key::{HEX_DIGITS, MAX_DIGITS, PayloadMac, decimal, hex_digits};
pub(crate) use key::{Key, MAC_BYTES};
pub use sign::sign_payload;
#[cfg(feature = "native")]
pub(crate) use sign::sign_with_each;
#[cfg(feature = "wasm")]
pub(crate) use verifier::Comparison;
pub use verifier::{DEFAULT_MAX_AGE_SECONDS, Verification, Verified, Verifier, verify_signature};
