//! The headers of an attempt, in the reference's order, each checked before anything is sent.

use super::error::DeliveryError;
use super::sealed::SealedEvent;
#[cfg(feature = "queue")]
use super::secret::Secret;

/// Headers that frame the request. Extra headers may not replace them, nor any `Dealix-*` header.
const RESERVED: [&str; 4] = ["content-type", "content-length", "transfer-encoding", "host"];

pub(super) fn delivery_headers<'h>(
    event: &SealedEvent<'_>,
    signature: &str,
    attempt: u32,
    extra_headers: impl Iterator<Item = (&'h str, &'h str)>,
) -> Result<Vec<(String, String)>, DeliveryError> {
    let attempt = attempt.to_string();
    let own = [
        ("Content-Type", "application/json"),
        ("User-Agent", "Dealix-Webhooks/1.0"),
        ("Dealix-Event-Id", event.event_id),
        ("Dealix-Event-Type", event.event_type),
        ("Dealix-Signature", signature),
        ("Dealix-Delivery-Attempt", &attempt),
    ];
    let mut headers: Vec<(String, String)> =
        own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for (name, value) in extra_headers {
        check_name(name)?;
        match headers.iter_mut().find(|(present, _)| present.eq_ignore_ascii_case(name)) {
            Some(present) => value.clone_into(&mut present.1),
            None => headers.push((name.to_owned(), value.to_owned())),
        }
    }
    match headers.iter().find(|(_, value)| !is_header_value(value)) {
        Some((name, _)) => Err(DeliveryError::InvalidHeader(name.clone())),
        None => Ok(headers),
    }
}

/// Checks headers before they are stored: with any of these, no attempt would ever be sent.
#[cfg(feature = "queue")]
pub(super) fn check_extra_headers(headers: &[(String, Secret)]) -> Result<(), DeliveryError> {
    for (name, value) in headers {
        check_name(name)?;
        if !is_header_value(value.expose()) {
            return Err(DeliveryError::InvalidHeader(name.clone()));
        }
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), DeliveryError> {
    if name.is_empty() || !name.bytes().all(is_token_byte) {
        return Err(DeliveryError::InvalidHeaderName);
    }
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("dealix-") || RESERVED.contains(&lower.as_str()) {
        return Err(DeliveryError::ReservedHeader(name.to_owned()));
    }
    Ok(())
}

/// RFC 9110 §5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// RFC 9110 §5.5, without its obsolete non-ASCII bytes.
pub(super) fn is_header_value(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
}
