use super::key::{Key, PayloadMac};
use super::{ConfigurationError, SignatureError, SignatureHeader, VerifyError};
use std::fmt;
use subtle::{ConditionallySelectable, ConstantTimeEq};

/// How old, or how far in the future, a signature may be unless told otherwise: 300 seconds.
pub const DEFAULT_MAX_AGE_SECONDS: i64 = 300;

/// Verifies deliveries under one or several secrets, whose HMAC states are computed once.
///
/// Several secrets are valid at once while one is rotated out; the verdict says which one matched.
/// `Debug` shows how many there are and nothing of them.
#[derive(Clone)]
pub struct Verifier {
    keys: Vec<Key>,
    max_age_seconds: i64,
}

/// A good signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Which of the secrets matched, counted from 0 in the order given to [`Verifier::new`].
    pub secret_index: usize,
    /// When the delivery was signed, in seconds since 1970.
    pub timestamp: i64,
}

impl Verifier {
    /// Takes the secrets, the current one first.
    ///
    /// # Errors
    /// [`ConfigurationError::EmptySecret`] where a secret is empty or none is given, so that an unset
    /// environment variable fails at start-up and not at the first forged request.
    pub fn new<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Result<Self, ConfigurationError> {
        let keys = secrets.into_iter().map(|secret| Key::new(secret.as_ref())).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(ConfigurationError::EmptySecret);
        }
        Ok(Self { keys, max_age_seconds: DEFAULT_MAX_AGE_SECONDS })
    }

    /// Sets the window, in whole seconds either way and inclusive; [`DEFAULT_MAX_AGE_SECONDS`] unless
    /// called. 0 accepts the same second only, a negative window nothing at all.
    #[must_use]
    pub fn with_max_age_seconds(mut self, max_age_seconds: i64) -> Self {
        self.max_age_seconds = max_age_seconds;
        self
    }

    /// Verifies a delivery: the header's value, the body's bytes exactly as they arrived, and the
    /// receiver's clock in seconds since 1970, rounded down.
    ///
    /// # Errors
    /// The first [`SignatureError`] that applies, in the order of its variants. A missing header is
    /// passed as an empty one.
    pub fn verify(&self, header: impl AsRef<[u8]>, body: &[u8], now: i64) -> Result<Verified, SignatureError> {
        let mut verification = self.start(header, now)?;
        verification.update(body);
        verification.finish()
    }

    /// Starts to verify a delivery whose body arrives in chunks; everything but the signature itself is
    /// decided here.
    ///
    /// # Errors
    /// As [`verify`](Self::verify), save for [`SignatureError::SignatureMismatch`].
    ///
    /// ```
    /// use dealix_webhooks::{Verifier, sign_payload};
    ///
    /// let header = sign_payload("whsec_test", b"one, two", 1_700_000_000)?;
    /// let mut verification = Verifier::new(["whsec_test"])?.start(header, 1_700_000_060)?;
    /// verification.update(b"one, ");
    /// verification.update(b"two");
    /// assert_eq!(verification.finish()?.secret_index, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn start(&self, header: impl AsRef<[u8]>, now: i64) -> Result<Verification, SignatureError> {
        let header = SignatureHeader::parse(header)?;
        let timestamp = header.timestamp();
        if !is_fresh(timestamp, now, self.max_age_seconds) {
            return Err(SignatureError::StaleSignature {
                age_seconds: now.saturating_sub(timestamp),
                max_age_seconds: self.max_age_seconds,
            });
        }
        let macs = self.keys.iter().map(|key| key.start(timestamp)).collect();
        Ok(Verification { header, macs })
    }

    /// Signs with the first secret, for the npm package's `Webhook.sign`.
    #[cfg(feature = "wasm")]
    pub(crate) fn start_signing(&self, timestamp: i64) -> Result<super::Signing, ConfigurationError> {
        let current = self.keys.first().ok_or(ConfigurationError::EmptySecret)?;
        super::Signing::start(current, timestamp)
    }
}

/// Whether a signature is within the window, which reaches both ways and includes its ends; a negative one holds nothing.
pub(crate) fn is_fresh(timestamp: i64, now: i64, max_age_seconds: i64) -> bool {
    u64::try_from(max_age_seconds).is_ok_and(|max_age| now.abs_diff(timestamp) <= max_age)
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("secrets", &format_args!("[{} redacted]", self.keys.len()))
            .field("max_age_seconds", &self.max_age_seconds)
            .finish()
    }
}

/// A delivery whose header is accepted and whose body is still coming in; see [`Verifier::start`].
#[must_use = "nothing is verified until `finish`"]
pub struct Verification {
    header: SignatureHeader,
    macs: Vec<PayloadMac>,
}

impl Verification {
    /// Takes the next bytes of the body.
    pub fn update(&mut self, chunk: &[u8]) {
        for mac in &mut self.macs {
            mac.update(chunk);
        }
    }

    /// Compares every `v1` with the MAC under every secret, in constant time.
    ///
    /// # Errors
    /// [`SignatureError::SignatureMismatch`].
    pub fn finish(self) -> Result<Verified, SignatureError> {
        const NONE: u32 = u32::MAX;
        let secrets = self.macs.len();
        let mut matched = NONE;
        for (index, mac) in (0..NONE).zip(self.macs) {
            let expected = mac.finish();
            for candidate in self.header.candidates() {
                let is_first_match = expected.ct_eq(candidate) & matched.ct_eq(&NONE);
                matched.conditional_assign(&index, is_first_match);
            }
        }
        if matched == NONE {
            return Err(SignatureError::SignatureMismatch { signatures: self.header.signature_count(), secrets });
        }
        Ok(Verified { secret_index: matched as usize, timestamp: self.header.timestamp() })
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification").field("header", &self.header).finish_non_exhaustive()
    }
}

/// Verifies one delivery under one secret: [`Verifier`] for a single use.
///
/// # Errors
/// [`VerifyError::Configuration`] where the secret is empty, [`VerifyError::Signature`] as [`Verifier::verify`].
///
/// ```
/// use dealix_webhooks::{sign_payload, verify_signature};
///
/// let header = sign_payload("whsec_test", b"{}", 1_700_000_000)?;
/// assert!(verify_signature("whsec_test", &header, b"{}", 300, 1_700_000_300).is_ok());
///
/// let late = verify_signature("whsec_test", &header, b"{}", 300, 1_700_000_301);
/// assert_eq!(late.unwrap_err().code(), "stale_signature");
/// # Ok::<(), dealix_webhooks::ConfigurationError>(())
/// ```
pub fn verify_signature(
    secret: &str,
    header: impl AsRef<[u8]>,
    body: &[u8],
    max_age_seconds: i64,
    now: i64,
) -> Result<Verified, VerifyError> {
    let verifier = Verifier::new([secret])?.with_max_age_seconds(max_age_seconds);
    Ok(verifier.verify(header, body, now)?)
}
