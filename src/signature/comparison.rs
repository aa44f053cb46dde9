use super::header::SignatureHeader;
use super::mac::HEX_DIGITS;
use subtle::{ConditionallySelectable, ConstantTimeEq};

/// Compares every `v1` of a header with the MAC under one secret after another: all pairs, in constant time.
#[derive(Clone, Copy)]
pub(crate) struct Comparison {
    added: u32,
    matched: u32,
}

impl Comparison {
    const NO_MATCH: u32 = u32::MAX;

    /// Compares the next secret's MAC, in hex digits, with the signatures.
    pub(crate) fn add(&mut self, header: SignatureHeader<'_>, expected: &[u8; HEX_DIGITS]) {
        let expected = words(expected);
        for signature in header.signatures() {
            let Ok(signature) = signature.try_into() else { continue };
            let is_first_match = expected.ct_eq(&words(signature)) & self.matched.ct_eq(&Self::NO_MATCH);
            self.matched.conditional_assign(&self.added, is_first_match);
        }
        self.added += 1;
    }

    /// How many secrets' MACs have been compared.
    #[cfg(feature = "wasm")]
    pub(crate) fn added(&self) -> u32 {
        self.added
    }

    /// The index of the first secret whose MAC is in the header, counted in the order in which they were added.
    pub(crate) fn first_match(&self) -> Option<usize> {
        (self.matched != Self::NO_MATCH).then_some(self.matched as usize)
    }
}

impl Default for Comparison {
    fn default() -> Self {
        Self { added: 0, matched: Self::NO_MATCH }
    }
}

/// Comparing eight digits at a time is eight times as fast.
fn words(digits: &[u8; HEX_DIGITS]) -> [u64; HEX_DIGITS / 8] {
    let (chunks, _) = digits.as_chunks();
    std::array::from_fn(|index| u64::from_ne_bytes(chunks[index]))
}
