use thiserror::Error;

/// Why a delivery is refused. The variants are in the order in which they are tested, and carry only
/// facts: never a body, a secret or an expected MAC.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureError {
    /// The header is missing, empty, without a comma, or over [`MAX_HEADER_BYTES`](crate::MAX_HEADER_BYTES).
    #[error("the signature header is missing, has no comma, or is over 8 KiB")]
    MalformedHeader,
    /// Not exactly one `t`, or one that is not a plain decimal number up to 2^53 - 1.
    #[error("the signature header does not hold exactly one t=<unix seconds>")]
    BadTimestamp,
    /// No `v1` with a value.
    #[error("the signature header holds no v1=<signature>")]
    MissingV1,
    /// The delivery was signed too long ago, or too far in the future.
    #[error("signed {} s {} the receiver's clock; {max_age_seconds} s either way is the limit",
        age_seconds.unsigned_abs(), if *age_seconds < 0 { "ahead of" } else { "before" })]
    StaleSignature {
        /// The receiver's clock minus `t`, in seconds; negative where the signature is from the future.
        age_seconds: i64,
        /// The window that was applied, in seconds.
        max_age_seconds: i64,
    },
    /// No `v1` equals the HMAC under any of the secrets.
    #[error("no signature matches the body under any secret (signatures: {signatures}, secrets: {secrets})")]
    SignatureMismatch {
        /// How many `v1` the header holds.
        signatures: usize,
        /// How many secrets were tried.
        secrets: usize,
    },
}

impl SignatureError {
    /// The verdict's code, frozen: `malformed_header`, `bad_timestamp`, `missing_v1`, `stale_signature`
    /// or `signature_mismatch`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MalformedHeader => "malformed_header",
            Self::BadTimestamp => "bad_timestamp",
            Self::MissingV1 => "missing_v1",
            Self::StaleSignature { .. } => "stale_signature",
            Self::SignatureMismatch { .. } => "signature_mismatch",
        }
    }
}

/// A mistake in the set-up, raised before any delivery is looked at.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// A secret is the empty string, or the list of secrets is empty.
    #[error("a secret is empty, or none was given; is the environment variable set?")]
    EmptySecret,
    /// A secret that anyone can guess, and what it is: what an unset variable becomes in a string, such as `undefined`,
    /// `${NAME}` or blanks.
    #[error("the secret is {0}: anyone can guess it")]
    InvalidSecret(&'static str),
    /// The time to sign at is negative or over 2^53 - 1, so no receiver would accept it.
    #[error("the timestamp to sign is not within 0..=2^53-1 seconds since 1970")]
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

/// What [`verify_signature`](crate::verify_signature) fails with: a verdict, or a mistake in the set-up.
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
    /// The code of what it holds.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Configuration(error) => error.code(),
            Self::Signature(error) => error.code(),
        }
    }
}
