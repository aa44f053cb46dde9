//! Strings in ASCII: everything outside U+0020 to U+007E is escaped.

use super::error::CanonicalErrorKind;
use crate::json::unescaped;

/// Writes text as a JSON string.
pub(crate) fn write(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text;
    loop {
        rest = &rest[copy_plain(out, rest)..];
        let Some(character) = rest.chars().next() else { break };
        write_escaped(out, character);
        rest = &rest[character.len_utf8()..];
    }
    out.push(b'"');
}

/// Rewrites the string at the start of the JSON text, and returns its length in bytes of that text.
pub(super) fn rewrite(out: &mut Vec<u8>, text: &str) -> Result<usize, CanonicalErrorKind> {
    let bytes = text.as_bytes();
    let mut written = 0;
    let mut at = 1;
    loop {
        at += plain_length(&bytes[at..]);
        if bytes[at] == b'"' {
            out.extend_from_slice(&bytes[written..=at]);
            return Ok(at + 1);
        }
        out.extend_from_slice(&bytes[written..at]);
        if bytes[at] == b'\\' {
            let (character, length) = unescaped(&text[at..]).ok_or(CanonicalErrorKind::LoneSurrogate)?;
            write_escaped(out, character);
            at += length;
        } else {
            for character in text[at..].chars().take_while(|character| !character.is_ascii_graphic()) {
                write_escaped(out, character);
                at += character.len_utf8();
            }
        }
        written = at;
    }
}

/// Copies the text up to the first character that needs an escape, and returns how many bytes that was.
fn copy_plain(out: &mut Vec<u8>, text: &str) -> usize {
    let length = plain_length(text.as_bytes());
    out.extend_from_slice(&text.as_bytes()[..length]);
    length
}

fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks();
    for (position, word) in words.iter().enumerate() {
        let escapes = escapes(u64::from_le_bytes(*word));
        if escapes != 0 {
            return 8 * position + escapes.trailing_zeros() as usize / 8;
        }
    }
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    8 * words.len() + rest.iter().take_while(|byte| is_plain(byte)).count()
}

/// Sets the high bit of the first of eight UTF-8 bytes that needs an escape; the bits above it are meaningless.
fn escapes(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let below = |limit: u64, word: u64| word.wrapping_sub(EACH * limit) & !word;
    let from_delete = word.wrapping_add(EACH);
    // Swaps the quote and the space, so that the quote adjoins the control characters.
    let controls_and_quote = below(0x21, word ^ (EACH * 0x02));
    let backslash = below(0x01, word ^ (EACH * 0x5c));
    (from_delete | controls_and_quote | backslash) & (EACH * 0x80)
}

fn write_escaped(out: &mut Vec<u8>, character: char) {
    match character {
        '\u{10000}'.. => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.extend_from_slice(&escape(*unit));
            }
        }
        '\u{80}'.. => out.extend_from_slice(&escape(character as u32 as u16)),
        '"' => out.extend_from_slice(br#"\""#),
        '\\' => out.extend_from_slice(br"\\"),
        '\n' => out.extend_from_slice(br"\n"),
        '\r' => out.extend_from_slice(br"\r"),
        '\t' => out.extend_from_slice(br"\t"),
        '\u{8}' => out.extend_from_slice(br"\b"),
        '\u{c}' => out.extend_from_slice(br"\f"),
        ' '..='~' => out.push(character as u8),
        control => out.extend_from_slice(&escape(control as u16)),
    }
}

fn escape(unit: u16) -> [u8; 6] {
    let [[a, b], [c, d]] = unit.to_be_bytes().map(|byte| HEX[usize::from(byte)]);
    [b'\\', b'u', a, b, c, d]
}

/// The two hex digits of each byte.
const HEX: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut hex = [[0; 2]; 256];
    let mut byte = 0;
    while byte < hex.len() {
        hex[byte] = [digits[byte >> 4], digits[byte & 0xf]];
        byte += 1;
    }
    hex
};
