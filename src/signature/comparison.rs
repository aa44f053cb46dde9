use super::header::SignatureHeader;
use super::mac::{HEX_DIGITS, MAC_BYTES, hex_digits};
use subtle::{ConditionallySelectable, ConstantTimeEq};

/// Compares every `v1` of a header with the MAC under one secret after another: all pairs, in constant time.
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

/// Comparing eight digits at a time is eight times as fast.
fn words(digits: &[u8; HEX_DIGITS]) -> [u64; HEX_DIGITS / 8] {
    let (chunks, _) = digits.as_chunks();
    std::array::from_fn(|index| u64::from_ne_bytes(chunks[index]))
}
