//! One delivery in one input: secrets, header, window, clock and body, with U+001F between them.

use crate::naive;
use std::borrow::Cow;

pub const SEPARATOR: u8 = 0x1f;

pub struct Case<'d> {
    /// One a line.
    pub secrets: Vec<Cow<'d, str>>,
    pub header: Vec<u8>,
    pub max_age_seconds: i64,
    pub now: i64,
    pub body: &'d [u8],
}

impl<'d> Case<'d> {
    pub fn read(data: &'d [u8]) -> Self {
        let mut fields = data.splitn(5, |byte| *byte == SEPARATOR).chain(std::iter::repeat(&[][..]));
        let mut next = || fields.next().unwrap_or_default();
        let secrets = next().split(|byte| *byte == b'\n').map(String::from_utf8_lossy).collect();
        let (header, max_age_seconds, now) = (next(), integer(next(), 300), integer(next(), 1_700_000_000));
        let mut case = Self { secrets, header: Vec::new(), max_age_seconds, now, body: next() };
        case.header = case.filled_in(header);
        case
    }

    pub fn secrets(&self) -> Vec<&str> {
        self.secrets.iter().map(AsRef::as_ref).collect()
    }

    /// The header, with genuine signatures where the input says so, because no fuzzer guesses one: `%0` is the MAC under the
    /// first secret, `%u0` the same in upper case, `%~0` with another first digit, `%<0` without the last one.
    fn filled_in(&self, template: &[u8]) -> Vec<u8> {
        let timestamp = template.split(|byte| *byte == b',').find_map(|part| part.strip_prefix(b"t="));
        let timestamp = integer(timestamp.unwrap_or_default(), 0);
        let mac = |digit: u8| {
            let index = usize::from(digit.checked_sub(b'0')?);
            Some(naive::mac(self.secrets.get(index)?, timestamp, self.body))
        };
        let mut header = Vec::new();
        let mut rest = template;
        while let Some((&byte, after)) = rest.split_first() {
            let filled = match rest {
                [b'%', b'u', digit, after @ ..] => mac(*digit).map(|mac| (mac.to_uppercase(), after)),
                [b'%', b'~', digit, after @ ..] => mac(*digit).map(|mac| (other_first_digit(mac), after)),
                [b'%', b'<', digit, after @ ..] => mac(*digit).map(|mac| (mac[..63].to_owned(), after)),
                [b'%', digit, after @ ..] => mac(*digit).map(|mac| (mac, after)),
                _ => None,
            };
            match filled {
                Some((text, after)) => {
                    header.extend_from_slice(text.as_bytes());
                    rest = after;
                }
                None => {
                    header.push(byte);
                    rest = after;
                }
            }
        }
        header
    }
}

fn other_first_digit(mac: String) -> String {
    let other = if mac.starts_with('0') { "1" } else { "0" };
    [other, &mac[1..]].concat()
}

fn integer(text: &[u8], default: i64) -> i64 {
    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
