use super::mac::MAC_BYTES;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A secret as HMAC-SHA256 (RFC 2104) uses it, computed once. Its hash states are wiped on drop; what `hmac` leaves on the
/// stack while it computes them is not.
#[derive(Clone)]
pub(crate) struct Key(Hmac<Sha256>);

impl Key {
    pub(crate) fn new(secret: &str) -> Self {
        Self(Hmac::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length"))
    }

    /// Starts the MAC of `<t>.<body>`; the body is passed later.
    pub(crate) fn start(&self, timestamp: i64) -> PayloadMac {
        let mut mac = PayloadMac(self.0.clone());
        mac.update(itoa::Buffer::new().format(timestamp).as_bytes());
        mac.update(b".");
        mac
    }

    /// The MAC of a whole payload, or of the body alone if there is no timestamp.
    #[cfg(any(test, feature = "diagnose"))]
    pub(crate) fn mac(&self, timestamp: Option<i64>, body: &[u8]) -> [u8; MAC_BYTES] {
        /// WebAssembly engines switch to optimised code when a function is called again, not in the middle of a long call.
        const CHUNK_BYTES: usize = 64 * 1024;
        let mut mac = timestamp.map_or_else(|| PayloadMac(self.0.clone()), |timestamp| self.start(timestamp));
        body.chunks(CHUNK_BYTES).for_each(|chunk| mac.update(chunk));
        mac.finish()
    }
}

/// The MAC of one payload, while its body is passed in.
pub(crate) struct PayloadMac(Hmac<Sha256>);

impl PayloadMac {
    pub(crate) fn update(&mut self, chunk: &[u8]) {
        self.0.update(chunk);
    }

    pub(crate) fn finish(self) -> [u8; MAC_BYTES] {
        self.0.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod wycheproof;
