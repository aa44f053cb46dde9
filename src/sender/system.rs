//! What the sender takes from the operating system: the time and randomness.

use crate::clock::unix_now;
use crate::{EventType, WebhookEvent};
use serde_json::value::RawValue;

/// [`make_event`](crate::make_event) with the system's clock and randomness. `data` becomes the envelope's `data` member.
pub fn make_event(
    event_type: impl Into<EventType>,
    customer_id: impl Into<String>,
    data: Box<RawValue>,
) -> WebhookEvent {
    crate::make_event(event_type, customer_id, data, unix_now(), random())
}

/// # Panics
/// If the system has no randomness to give: an id that may repeat would be worse than none.
pub(in crate::sender) fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// An id of 24 hex digits that begins with the time, in milliseconds since 1970. Rows that are written together are then
/// neighbours in the database's indexes, where random ids would touch a page each.
#[cfg(feature = "queue")]
pub(in crate::sender) fn ordered_id(prefix: &str, now_ms: i64) -> String {
    format!("{prefix}{now_ms:012x}{}", hex::encode(&random()[..6]))
}

/// How long ago an id was made by [`ordered_id`], or by the database in the same form.
#[cfg(feature = "queue")]
pub(in crate::sender) fn age(id: &str, now_ms: i64) -> std::time::Duration {
    let made_ms = id.get(4..16).and_then(|digits| i64::from_str_radix(digits, 16).ok());
    let ms = made_ms.map_or(0, |made_ms| now_ms.saturating_sub(made_ms));
    std::time::Duration::from_millis(ms.try_into().unwrap_or(0))
}
