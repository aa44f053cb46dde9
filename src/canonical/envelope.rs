use super::error::CanonicalError;
use super::{string, value};
use crate::event::{Fields, WebhookEvent};

/// The envelope's canonical bytes: the body to sign and to send. They are ASCII.
///
/// # Errors
/// [`CanonicalError`] names the place in the payload that has no canonical form; a document is never altered silently.
///
/// ```
/// use dealix_webhooks::{WebhookEvent, serialize_envelope};
///
/// let event = WebhookEvent::from_json(
///     r#"{"event_id":"evt_1","event_type":"deal.won","customer_id":"cus_1","payload":{"b":"é","a":1E2},"timestamp":5}"#,
/// )?;
/// assert_eq!(
///     String::from_utf8(serialize_envelope(&event)?)?,
///     r#"{"api_version":"v1","customer_id":"cus_1","data":{"a":100.0,"b":"\u00e9"},"id":"evt_1","timestamp":5,"type":"deal.won"}"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn serialize_envelope(event: &WebhookEvent) -> Result<Vec<u8>, CanonicalError> {
    write_envelope(&event.fields())
}

pub(crate) fn write_envelope(fields: &Fields) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::with_capacity(fields.payload.len() + 192);
    out.extend_from_slice(br#"{"api_version":"#);
    string::write(&mut out, &fields.api_version);
    out.extend_from_slice(br#","customer_id":"#);
    string::write(&mut out, &fields.customer_id);
    out.extend_from_slice(br#","data":"#);
    value::write_payload(&mut out, fields.payload)?;
    out.extend_from_slice(br#","id":"#);
    string::write(&mut out, &fields.event_id);
    out.extend_from_slice(br#","timestamp":"#);
    out.extend_from_slice(itoa::Buffer::new().format(fields.timestamp).as_bytes());
    out.extend_from_slice(br#","type":"#);
    string::write(&mut out, &fields.event_type);
    out.push(b'}');
    Ok(out)
}
