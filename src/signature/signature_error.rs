use thiserror::Error;

/// Why a delivery is refused. The variants are in the order in which they are tested. They hold only facts: never a body, a
/// secret or an expected MAC.
///
/// ```
/// use dealix_webhooks::{SignatureError, Verifier};
///
/// let verifier = Verifier::new(["whsec_test"])?;
/// let error = verifier.verify("", b"{}", 1_700_000_000).unwrap_err();
/// assert_eq!((error, error.code()), (SignatureError::MalformedHeader, "malformed_header"));
/// # Ok::<(), dealix_webhooks::ConfigurationError>(())
/// ```
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
    #[error("signed {} s {} the receiver's clock; the limit is {max_age_seconds} s either way",
        age_seconds.unsigned_abs(), if *age_seconds < 0 { "ahead of" } else { "behind" })]
    StaleSignature {
        /// The receiver's clock minus `t`, in seconds; negative if the signature is from the future.
        age_seconds: i64,
        /// The window that was applied, in seconds.
        max_age_seconds: i64,
    },
    /// No `v1` equals the HMAC under any of the secrets.
    #[error("no signature matches the body under any secret (signatures: {signatures}, secrets: {secrets})")]
    SignatureMismatch {
        /// How many `v1` values the header holds.
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
