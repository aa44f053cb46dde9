use super::configuration_error::ConfigurationError;
use super::signature_error::SignatureError;
use thiserror::Error;

/// Why [`verify_signature`](crate::verify_signature) failed: a verdict, or a configuration error.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum VerifyError {
    /// The secret is empty, or anyone can guess it.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The delivery is refused.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl VerifyError {
    /// The code of the error inside.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Configuration(error) => error.code(),
            Self::Signature(error) => error.code(),
        }
    }
}
