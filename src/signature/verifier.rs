use super::configuration_error::ConfigurationError;
use super::header::SignatureHeader;
use super::key::Key;
use super::keys::keys;
use super::signature_error::SignatureError;
use super::verification::{Verification, Verified};
use super::verify_error::VerifyError;
use std::fmt;

/// The default window: a signature may be at most 300 seconds old, or that far in the future.
pub const DEFAULT_MAX_AGE_SECONDS: i64 = 300;

/// Verifies deliveries under one or several secrets, whose HMAC states are computed once.
///
/// Several secrets are valid at once while one is rotated out; the verdict says which one matched.
/// `Debug` shows only how many there are.
#[derive(Clone)]
pub struct Verifier {
    keys: Vec<Key>,
    max_age_seconds: i64,
}

impl Verifier {
    /// Takes the secrets, the current one first.
    ///
    /// # Errors
    /// [`ConfigurationError::EmptySecret`] if a secret is empty or none is given, so that an unset environment variable
    /// fails at start-up and not at the first forged request; [`ConfigurationError::InvalidSecret`] if anyone can guess
    /// one, such as `undefined`.
    pub fn new<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Result<Self, ConfigurationError> {
        Ok(Self { keys: keys(secrets)?, max_age_seconds: DEFAULT_MAX_AGE_SECONDS })
    }

    /// Sets the window, in whole seconds in either direction and inclusive; the default is [`DEFAULT_MAX_AGE_SECONDS`].
    /// 0 accepts only the same second; a negative window accepts nothing.
    #[must_use]
    pub fn with_max_age_seconds(mut self, max_age_seconds: i64) -> Self {
        self.max_age_seconds = max_age_seconds;
        self
    }

    /// Verifies a delivery: the header's value, the body's bytes exactly as they arrived, and the
    /// receiver's clock in seconds since 1970, rounded down.
    ///
    /// # Errors
    /// The first [`SignatureError`] that applies, in the order of its variants. Pass a missing header as an empty one.
    pub fn verify(&self, header: impl AsRef<[u8]>, body: &[u8], now: i64) -> Result<Verified, SignatureError> {
        let mut verification = self.start(&header, now)?;
        verification.update(body);
        verification.finish()
    }

    /// [`verify`](Self::verify) with the system's clock, [`unix_now`](crate::unix_now).
    ///
    /// # Errors
    /// The same as [`verify`](Self::verify).
    ///
    /// ```
    /// use dealix_webhooks::{Verifier, sign_payload, unix_now};
    ///
    /// let verifier = Verifier::new(["whsec_test"])?;
    /// let header = sign_payload("whsec_test", b"{}", unix_now())?;
    /// assert!(verifier.verify_now(&header, b"{}").is_ok());
    /// # Ok::<(), dealix_webhooks::ConfigurationError>(())
    /// ```
    #[cfg(feature = "clock")]
    pub fn verify_now(&self, header: impl AsRef<[u8]>, body: &[u8]) -> Result<Verified, SignatureError> {
        self.verify(header, body, crate::clock::unix_now())
    }

    /// Starts to verify a delivery whose body arrives in chunks. Everything except the signature itself is decided here.
    ///
    /// # Errors
    /// The same as [`verify`](Self::verify), except [`SignatureError::SignatureMismatch`].
    ///
    /// ```
    /// use dealix_webhooks::{Verifier, sign_payload};
    ///
    /// let verifier = Verifier::new(["whsec_test"])?;
    /// let header = sign_payload("whsec_test", b"one, two", 1_700_000_000)?;
    /// let mut verification = verifier.start(&header, 1_700_000_060)?;
    /// verification.update(b"one, ");
    /// verification.update(b"two");
    /// assert_eq!(verification.finish()?.secret_index, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn start<'v>(
        &self,
        header: &'v (impl AsRef<[u8]> + ?Sized),
        now: i64,
    ) -> Result<Verification<'v>, SignatureError> {
        let header = SignatureHeader::parse(header)?;
        header.check_age(now, self.max_age_seconds)?;
        let macs = self.keys.iter().map(|key| key.start(header.timestamp())).collect();
        Ok(Verification::new(header, macs))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("secrets", &format_args!("[{} redacted]", self.keys.len()))
            .field("max_age_seconds", &self.max_age_seconds)
            .finish()
    }
}

/// Verifies one delivery under one secret. To verify several, make a [`Verifier`] once.
///
/// # Errors
/// [`VerifyError::Configuration`] if [`Verifier::new`] refuses the secret; [`VerifyError::Signature`] as for
/// [`Verifier::verify`].
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
