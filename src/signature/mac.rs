pub(crate) const MAC_BYTES: usize = 32;
pub(crate) const HEX_DIGITS: usize = 2 * MAC_BYTES;

/// A MAC as a header holds it: in hex, in lower case. By arithmetic, eight digits at a time: a table lookup would take a time
/// that depends on the MAC, which is secret.
pub(crate) fn hex_digits(mac: &[u8; MAC_BYTES]) -> [u8; HEX_DIGITS] {
    let mut digits = [0; HEX_DIGITS];
    for (digits, bytes) in digits.as_chunks_mut().0.iter_mut().zip(mac.as_chunks().0) {
        *digits = eight_digits(u32::from_le_bytes(*bytes)).to_le_bytes();
    }
    digits
}

/// The digits of four bytes, the first in the lowest byte of each number.
///
/// Never inlined, because a Worker loads the wasm module at every cold start.
#[inline(never)]
fn eight_digits(bytes: u32) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const FROM_COLON_TO_A: u64 = (b'a' - b':') as u64;
    let mut spread = u64::from(bytes);
    spread = (spread | spread << 16) & 0x0000_ffff_0000_ffff;
    spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff;
    let values = (spread >> 4 | spread << 8) & (0xf * ONES);
    // From ten on, six more carries into the upper half of the byte.
    let are_letters = ((values + 6 * ONES) >> 4) & ONES;
    values + u64::from(b'0') * ONES + are_letters * FROM_COLON_TO_A
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_are_those_of_the_hex_crate() {
        for first in 0..=255u8 {
            let mac = std::array::from_fn(|index| first.wrapping_add(index as u8));
            assert_eq!(hex_digits(&mac).as_slice(), hex::encode(mac).as_bytes());
        }
    }
}
