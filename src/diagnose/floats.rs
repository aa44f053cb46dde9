//! Numbers that lost their `.0`: JavaScript writes 12500.0 as 12500.

/// With more keys than this, not every combination is tried.
const MAX_KEYS: usize = 10;

/// Keys beyond this number count as one.
const MAX_GROUPS: usize = 60;

/// A whole number: where it ends, and the index of its key.
struct Whole {
    end: usize,
    key: usize,
}

/// Variants of a canonical JSON text with whole numbers written as floats, alike for all numbers under one key. The
/// envelope's own `timestamp` stays whole.
pub(super) fn variants(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let numbers = whole_numbers(text);
    let keys = numbers.iter().map(|number| number.key + 1).max().unwrap_or(0);
    let all: u64 = (1 << keys) - 1;
    // All keys at once first; then every combination, or each key alone and all but each key.
    let count = if keys <= MAX_KEYS { all } else { 1 + 2 * keys as u64 };
    let mask = move |position: u64| match position {
        0 => all,
        _ if keys <= MAX_KEYS => position,
        _ if position <= keys as u64 => 1 << (position - 1),
        _ => all ^ 1 << (position - 1 - keys as u64),
    };
    (0..count).map(move |position| with_points(text, &numbers, mask(position)))
}

fn with_points(text: &[u8], numbers: &[Whole], mask: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2 * numbers.len());
    let mut written = 0;
    for number in numbers.iter().filter(|number| mask >> number.key & 1 == 1) {
        out.extend_from_slice(&text[written..number.end]);
        out.extend_from_slice(b".0");
        written = number.end;
    }
    out.extend_from_slice(&text[written..]);
    out
}

fn whole_numbers(text: &[u8]) -> Vec<Whole> {
    let mut numbers = Vec::new();
    let mut keys: Vec<&[u8]> = Vec::new();
    let (mut key, mut level, mut at): (&[u8], usize, usize) = (b"", 0, 0);
    while let Some(&byte) = text.get(at) {
        let start = at;
        at = match byte {
            b'"' => end_of_string(text, at),
            b'-' | b'0'..=b'9' => end_of_number(text, at),
            _ => at + 1,
        };
        match byte {
            b'"' if text.get(at) == Some(&b':') => key = &text[start..at],
            b'{' | b'[' => level += 1,
            b'}' | b']' => level = level.saturating_sub(1),
            b'-' | b'0'..=b'9' => {
                let is_whole = text[start + 1..at].iter().all(u8::is_ascii_digit);
                let is_envelopes = level == 1 && key == br#""timestamp""#;
                if is_whole && !is_envelopes {
                    numbers.push(Whole { end: at, key: index_of(key, &mut keys) });
                }
            }
            _ => {}
        }
    }
    numbers
}

fn index_of<'t>(key: &'t [u8], keys: &mut Vec<&'t [u8]>) -> usize {
    let known = keys.iter().position(|other| *other == key);
    known.unwrap_or_else(|| {
        if keys.len() < MAX_GROUPS {
            keys.push(key);
        }
        keys.len() - 1
    })
}

fn end_of_string(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn end_of_number(text: &[u8], start: usize) -> usize {
    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    text[start..].iter().position(|byte| !is_part(byte)).map_or(text.len(), |length| start + length)
}
