pub(crate) const MAC_BYTES: usize = 32;
pub(crate) const HEX_DIGITS: usize = 2 * MAC_BYTES;

/// A MAC as a header holds it: in hex, in lower case.
///
/// Never inlined, because a Worker loads the wasm module at every cold start.
#[inline(never)]
pub(crate) fn hex_digits(mac: &[u8; MAC_BYTES]) -> [u8; HEX_DIGITS] {
    std::array::from_fn(|index| {
        let byte = mac[index / 2];
        hex_digit(if index % 2 == 0 { byte >> 4 } else { byte & 0xf })
    })
}

/// By arithmetic: a table lookup would take a time that depends on the MAC, which is secret.
fn hex_digit(value: u8) -> u8 {
    const FROM_COLON_TO_A: u8 = b'a' - b':';
    let is_letter = 9u8.wrapping_sub(value) >> 7;
    b'0' + value + is_letter * FROM_COLON_TO_A
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
