//! A body that was compressed on the way; the signature covers the original.

use super::budget::Budget;
use super::evidence::{Evidence, MAX_BODY_BYTES};
use super::facts::Compression;
use miniz_oxide::inflate::{decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};

/// The body before it was compressed, and how it was. A body that would inflate beyond the limit is skipped, however short
/// it is now.
pub(super) fn inflated(body: &[u8], budget: &mut Budget) -> Option<(Vec<u8>, Compression)> {
    let compression = by_bytes(body)?;
    if !budget.take(INFLATING * MAX_BODY_BYTES.min(body.len().saturating_mul(MOST_TIMES_AS_LONG))) {
        return None;
    }
    let inflated = match compression {
        Compression::Gzip => decompress_to_vec_with_limit(deflated_in_gzip(body)?, MAX_BODY_BYTES).ok()?,
        _ => decompress_to_vec_zlib_with_limit(body, MAX_BODY_BYTES)
            .or_else(|_| decompress_to_vec_with_limit(body, MAX_BODY_BYTES))
            .ok()?,
    };
    Some((inflated, compression))
}

/// The cost of inflating to one byte, in bytes hashed.
const INFLATING: usize = 2;
/// DEFLATE never shrinks data by more than this factor.
const MOST_TIMES_AS_LONG: usize = 1032;

/// How the body is compressed, judging by its bytes and the `Content-Encoding`; `None` if it is not.
pub(super) fn compression(evidence: &Evidence) -> Option<Compression> {
    let Evidence { body, content_encoding, .. } = *evidence;
    // Hosts that decompress the body leave the header in place.
    if evidence.is_parsed || body.trim_ascii_start().starts_with(b"{") || is_text(body) {
        return None;
    }
    if by_bytes(body) == Some(Compression::Gzip) || body.starts_with(GZIP_AS_TEXT) {
        return Some(Compression::Gzip);
    }
    // Other first bytes may be a coincidence.
    content_encoding.and_then(by_name)
}

/// Whether this is text without replacement characters.
fn is_text(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_ok_and(|text| !text.contains('\u{fffd}'))
}

/// The first bytes of a gzip file, decoded as text.
const GZIP_AS_TEXT: &[u8] = b"\x1f\xef\xbf\xbd\x08";

/// The encoding that was applied last: `gzip, br` is Brotli around gzip.
fn by_name(header: &str) -> Option<Compression> {
    match header.rsplit(',').next()?.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => None,
        "gzip" | "x-gzip" => Some(Compression::Gzip),
        "deflate" => Some(Compression::Deflate),
        "br" => Some(Compression::Brotli),
        "zstd" => Some(Compression::Zstd),
        _ => Some(Compression::Unknown),
    }
}

/// Whether this is a gzip file (RFC 1952), or may be DEFLATE data, with a zlib header (RFC 1950) or without.
fn by_bytes(body: &[u8]) -> Option<Compression> {
    if body.starts_with(b"\x1f\x8b\x08") {
        return Some(Compression::Gzip);
    }
    std::str::from_utf8(body).is_err().then_some(Compression::Deflate)
}

/// What follows the header of a gzip file, whose flags say what it holds (RFC 1952 section 2.3).
fn deflated_in_gzip(body: &[u8]) -> Option<&[u8]> {
    let (head, mut rest) = body.split_at_checked(10)?;
    let flags = head[3];
    if flags & 0b100 != 0 {
        let (length, extra) = rest.split_first_chunk()?;
        rest = extra.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    // A name and a comment, each ending with a zero byte.
    for flag in [0b1000, 0b1_0000] {
        if flags & flag != 0 {
            rest = &rest[rest.iter().position(|byte| *byte == 0)? + 1..];
        }
    }
    if flags & 0b10 != 0 { rest.get(2..) } else { Some(rest) }
}
