use super::key::{HEX_DIGITS, Key, MAC_BYTES, PayloadMac, hex_digits};
use super::secret;
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
    /// environment variable fails at start-up and not at the first forged request; [`ConfigurationError::InvalidSecret`]
    /// where anyone can guess one, such as `undefined`.
    pub fn new<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Result<Self, ConfigurationError> {
        let mut keys = Vec::new();
        for secret in secrets {
            secret::check(secret.as_ref())?;
            keys.push(Key::new(secret.as_ref())?);
        }
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
        let mut verification = self.start(&header, now)?;
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
    /// let verifier = Verifier::new(["whsec_test"])?;
    /// let header = sign_payload("whsec_test", b"one, two", 1_700_000_000)?;
    /// let mut verification = verifier.start(&header, 1_700_000_060)?;
    /// verification.update(b"one, ");
    /// verification.update(b"two");
    /// assert_eq!(verification.finish()?.secret_index, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn start<'v>(
        &'v self,
        header: &'v (impl AsRef<[u8]> + ?Sized),
        now: i64,
    ) -> Result<Verification<'v>, SignatureError> {
        let header = SignatureHeader::parse(header)?;
        header.check_age(now, self.max_age_seconds)?;
        let macs = self.keys.iter().map(|key| key.start(header.timestamp())).collect();
        Ok(Verification { keys: &self.keys, header, macs })
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

/// A delivery whose header is accepted and whose body is still coming in; see [`Verifier::start`].
#[must_use = "nothing is verified until `finish`"]
pub struct Verification<'v> {
    keys: &'v [Key],
    header: SignatureHeader<'v>,
    macs: Vec<PayloadMac>,
}

impl Verification<'_> {
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
        let secrets = self.keys.len();
        let mut comparison = Comparison::new(self.header);
        for (key, mac) in self.keys.iter().zip(self.macs) {
            comparison.add(&key.finish(mac));
        }
        match comparison.first_match() {
            Some(secret_index) => Ok(Verified { secret_index, timestamp: self.header.timestamp() }),
            None => Err(SignatureError::SignatureMismatch { signatures: self.header.signature_count(), secrets }),
        }
    }
}

impl fmt::Debug for Verification<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification").field("header", &self.header).finish_non_exhaustive()
    }
}

/// Compares a header's `v1` with the MAC under one secret after the other, all of them and in constant time.
pub(crate) struct Comparison<'h> {
    header: SignatureHeader<'h>,
    added: u32,
    matched: u32,
}

impl<'h> Comparison<'h> {
    const NO_MATCH: u32 = u32::MAX;

    pub(crate) fn new(header: SignatureHeader<'h>) -> Self {
        Self { header, added: 0, matched: Self::NO_MATCH }
    }

    pub(crate) fn add(&mut self, expected: &[u8; MAC_BYTES]) {
        let expected = words(&hex_digits(expected));
        for signature in self.header.signatures() {
            let Ok(signature) = signature.try_into() else { continue };
            let is_first_match = expected.ct_eq(&words(signature)) & self.matched.ct_eq(&Self::NO_MATCH);
            self.matched.conditional_assign(&self.added, is_first_match);
        }
        self.added += 1;
    }

    /// The index of the first secret whose MAC is in the header, counted in the order in which they were added.
    pub(crate) fn first_match(&self) -> Option<usize> {
        (self.matched != Self::NO_MATCH).then_some(self.matched as usize)
    }
}

/// Eight digits at a time are compared eight times as fast.
fn words(digits: &[u8; HEX_DIGITS]) -> [u64; HEX_DIGITS / 8] {
    let (chunks, _) = digits.as_chunks();
    std::array::from_fn(|index| u64::from_ne_bytes(chunks[index]))
}

/// Verifies one delivery under one secret: [`Verifier`] for a single use.
///
/// # Errors
/// [`VerifyError::Configuration`] where [`Verifier::new`] refuses the secret, [`VerifyError::Signature`] as [`Verifier::verify`].
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
