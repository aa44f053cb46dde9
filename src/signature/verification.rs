use super::comparison::Comparison;
use super::header::SignatureHeader;
use super::key::PayloadMac;
use super::mac::hex_digits;
use super::signature_error::SignatureError;
use std::fmt;

/// A good signature; returned by [`Verifier::verify`](crate::Verifier::verify).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// Which of the secrets matched, counted from 0 in the order given to [`Verifier::new`](crate::Verifier::new).
    pub secret_index: usize,
    /// When the delivery was signed, in seconds since 1970.
    pub timestamp: i64,
}

/// A delivery whose header has been accepted and whose body is still arriving; see
/// [`Verifier::start`](crate::Verifier::start).
#[must_use = "nothing is verified until `finish`"]
pub struct Verification<'v> {
    header: SignatureHeader<'v>,
    /// One for each secret, in their order.
    macs: Vec<PayloadMac>,
}

impl<'v> Verification<'v> {
    pub(super) fn new(header: SignatureHeader<'v>, macs: Vec<PayloadMac>) -> Self {
        Self { header, macs }
    }

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
        let secrets = self.macs.len();
        let mut comparison = Comparison::default();
        for mac in self.macs {
            comparison.add(self.header, &hex_digits(&mac.finish()));
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
