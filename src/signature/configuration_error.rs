use thiserror::Error;

/// The configuration is wrong. Raised at start-up, before any delivery is verified.
///
/// ```
/// use dealix_webhooks::{ConfigurationError, Verifier};
///
/// assert_eq!(Verifier::new([""]).unwrap_err(), ConfigurationError::EmptySecret);
/// assert_eq!(Verifier::new(["undefined"]).unwrap_err().code(), "invalid_secret");
/// ```
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// A secret is the empty string, or the list of secrets is empty.
    #[error("a secret is empty, or none was given; is the environment variable set?")]
    EmptySecret,
    /// Anyone can guess the secret. The text says what it is: something that an unset variable left behind, such as `undefined`,
    /// `${NAME}` or blanks.
    #[error("the secret is {0}: anyone can guess it")]
    InvalidSecret(&'static str),
    /// The timestamp to sign is negative or over 2^53 - 1, and no receiver would accept it.
    #[error("the timestamp to sign with is not within 0..=2^53-1 seconds since 1970")]
    InvalidTimestamp,
}

impl ConfigurationError {
    /// The error's code, frozen: `empty_secret`, `invalid_secret` or `invalid_option`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EmptySecret => "empty_secret",
            Self::InvalidSecret(_) => "invalid_secret",
            Self::InvalidTimestamp => "invalid_option",
        }
    }
}
