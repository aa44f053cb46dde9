use thiserror::Error;

/// A text holds no keys for [`SecretsKeys`](super::SecretsKeys). Keys are counted from 1, and never shown.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretsKeyError {
    /// The text is empty.
    #[error("there is no key; `openssl rand -hex 32` makes one")]
    Missing,
    /// A key has another length.
    #[error("key {number} has {found} characters, and a key has 64 hex digits; `openssl rand -hex 32` makes one")]
    Length {
        /// Which key.
        number: usize,
        /// How many characters it has.
        found: usize,
    },
    /// A key holds something else than hex digits.
    #[error("key {number} holds something else than hex digits; `openssl rand -hex 32` makes a key")]
    NotHex {
        /// Which key.
        number: usize,
    },
    /// A key is one byte, repeated.
    #[error("anyone can guess key {number}; `openssl rand -hex 32` makes one")]
    Guessable {
        /// Which key.
        number: usize,
    },
}
