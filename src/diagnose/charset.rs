//! Charsets that a body may be mistaken for.

use super::facts::Charset;

/// The characters of Windows-1252 for 0x80 to 0x9F; as on the web, its five unassigned bytes map to themselves.
const WINDOWS_1252: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}', '\u{2030}',
    '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}',
    '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}',
    '\u{17e}', '\u{178}',
];

/// The bytes of UTF-8 text that was decoded as Latin-1 or Windows-1252 and encoded again, and which of the two it was.
pub(super) fn undo_mojibake(body: &[u8]) -> Option<(Vec<u8>, Charset)> {
    if body.is_ascii() {
        return None;
    }
    let mut charset = Charset::Latin1;
    let mut bytes = Vec::with_capacity(body.len());
    for character in std::str::from_utf8(body).ok()?.chars() {
        match u8::try_from(u32::from(character)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => {
                charset = Charset::Windows1252;
                bytes.push(0x80 + u8::try_from(WINDOWS_1252.iter().position(|&other| other == character)?).ok()?);
            }
        }
    }
    Some((bytes, charset))
}

/// Latin-1 text as UTF-8.
pub(super) fn from_latin1(body: &[u8]) -> Option<Vec<u8>> {
    (!body.is_ascii()).then(|| body.iter().map(|&byte| char::from(byte)).collect::<String>().into_bytes())
}

/// Windows-1252 text as UTF-8; `None` if Latin-1 would be the same.
pub(super) fn from_windows_1252(body: &[u8]) -> Option<Vec<u8>> {
    if !body.iter().any(|byte| matches!(byte, 0x80..=0x9f)) {
        return None;
    }
    let character = |&byte: &u8| match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    };
    Some(body.iter().map(character).collect::<String>().into_bytes())
}

/// UTF-16 text of either byte order as UTF-8, without a byte-order mark.
pub(super) fn from_utf16(body: &[u8]) -> Option<Vec<u8>> {
    let (units, rest) = body.as_chunks::<2>();
    if units.is_empty() || !rest.is_empty() || !body.contains(&0) && !matches!(units[0], [0xff, 0xfe] | [0xfe, 0xff]) {
        return None;
    }
    // The first character is ASCII or a mark; the position of its zero, or of the mark's 0xff, shows the order.
    let is_little_endian = units[0][1] == 0 || units[0] == [0xff, 0xfe];
    let units =
        units.iter().map(|&unit| if is_little_endian { u16::from_le_bytes(unit) } else { u16::from_be_bytes(unit) });
    let text: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
    Some(text.strip_prefix('\u{feff}').unwrap_or(&text).as_bytes().to_vec())
}
