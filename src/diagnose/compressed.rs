//! A body that something compressed on the way: a signature covers what was compressed.

use super::budget::Budget;
use super::{Delivery, MAX_BODY_BYTES};
use miniz_oxide::inflate::{decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};

pub(super) const GZIP: &str = "gzip";
pub(super) const DEFLATE: &str = "deflate";

/// The body before it was compressed, and with what it was. A body that would be longer than all that is tried is left alone,
/// however short it is now.
pub(super) fn inflated(body: &[u8], budget: &mut Budget) -> Option<(Vec<u8>, &'static str)> {
    let encoding = by_bytes(body)?;
    if !budget.take(INFLATING * MAX_BODY_BYTES.min(body.len().saturating_mul(MOST_TIMES_AS_LONG))) {
        return None;
    }
    let inflated = match encoding {
        GZIP => decompress_to_vec_with_limit(deflated_in_gzip(body)?, MAX_BODY_BYTES).ok()?,
        _ => decompress_to_vec_zlib_with_limit(body, MAX_BODY_BYTES)
            .or_else(|_| decompress_to_vec_with_limit(body, MAX_BODY_BYTES))
            .ok()?,
    };
    Some((inflated, encoding))
}

/// What a byte that is inflated costs, in bytes hashed.
const INFLATING: usize = 2;
/// Nothing that is deflated becomes longer than this.
const MOST_TIMES_AS_LONG: usize = 1032;

/// What the body is compressed with, by its bytes and by the `Content-Encoding`; none where it is not.
pub(super) fn encoding(delivery: &Delivery) -> Option<&'static str> {
    let Delivery { body, content_encoding, .. } = *delivery;
    // A host that decompresses the body leaves the header.
    if delivery.is_parsed || body.trim_ascii_start().starts_with(b"{") || is_text(body) {
        return None;
    }
    if by_bytes(body) == Some(GZIP) || body.starts_with(GZIP_AS_TEXT) {
        return Some(GZIP);
    }
    // Other first bytes may be chance.
    content_encoding.and_then(by_name)
}

/// Whether these are characters, and none stands for bytes that were none.
fn is_text(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_ok_and(|text| !text.contains('\u{fffd}'))
}

/// What decoding makes of a gzip file's first bytes.
const GZIP_AS_TEXT: &[u8] = b"\x1f\xef\xbf\xbd\x08";

/// The last one that was applied: `gzip, br` is brotli around gzip.
fn by_name(header: &str) -> Option<&'static str> {
    match header.rsplit(',').next()?.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => None,
        "gzip" | "x-gzip" => Some(GZIP),
        "deflate" => Some(DEFLATE),
        "br" => Some("br"),
        "zstd" => Some("zstd"),
        _ => Some("unknown"),
    }
}

/// Whether these are the first bytes of a gzip file (RFC 1952), or may be deflated, with the head of zlib (RFC 1950) or without.
fn by_bytes(body: &[u8]) -> Option<&'static str> {
    if body.starts_with(b"\x1f\x8b\x08") {
        return Some(GZIP);
    }
    std::str::from_utf8(body).is_err().then_some(DEFLATE)
}

/// What follows the head of a gzip file, whose flags say what is in it (RFC 1952 section 2.3).
fn deflated_in_gzip(body: &[u8]) -> Option<&[u8]> {
    let (head, mut rest) = body.split_at_checked(10)?;
    let flags = head[3];
    if flags & 0b100 != 0 {
        let (length, extra) = rest.split_first_chunk()?;
        rest = extra.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    // A name and a comment, each up to a zero.
    for flag in [0b1000, 0b1_0000] {
        if flags & flag != 0 {
            rest = &rest[rest.iter().position(|byte| *byte == 0)? + 1..];
        }
    }
    if flags & 0b10 != 0 { rest.get(2..) } else { Some(rest) }
}
