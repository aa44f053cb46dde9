//! Numbers that lost their point: JavaScript writes 12500.0 as 12500.

use std::collections::BTreeMap;

/// More keys than these are not tried in every combination.
const MAX_KEYS: usize = 10;

/// Of canonical JSON the texts in which whole numbers are floats, all numbers of a key alike; the envelope's own
/// `timestamp` is none.
pub(super) fn variants(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let places: Vec<Vec<usize>> = whole_numbers(text).into_values().collect();
    let all: u64 = (1 << places.len().min(63)) - 1;
    let masks: Box<dyn Iterator<Item = u64>> = if places.len() <= MAX_KEYS {
        Box::new((1..=all).rev())
    } else {
        let single = (0..places.len().min(63)).map(|key| 1 << key);
        Box::new(std::iter::once(all).chain(single.clone()).chain(single.map(move |mask| all ^ mask)))
    };
    masks.map(move |mask| {
        let is_float = |key: usize| key >= 63 || mask >> key & 1 == 1;
        let chosen = places.iter().enumerate().filter(|(key, _)| is_float(*key)).flat_map(|(_, ends)| ends);
        with_points(text, chosen.copied().collect())
    })
}

fn with_points(text: &[u8], mut ends: Vec<usize>) -> Vec<u8> {
    ends.sort_unstable();
    let mut out = Vec::with_capacity(text.len() + 2 * ends.len());
    let mut written = 0;
    for end in ends {
        out.extend_from_slice(&text[written..end]);
        out.extend_from_slice(b".0");
        written = end;
    }
    out.extend_from_slice(&text[written..]);
    out
}

/// Where whole numbers end, by the key that stands before them.
fn whole_numbers(text: &[u8]) -> BTreeMap<&[u8], Vec<usize>> {
    let mut numbers: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
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
                    numbers.entry(key).or_default().push(at);
                }
            }
            _ => {}
        }
    }
    numbers
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
