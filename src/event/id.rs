/// `evt_` and the first 24 hex digits of the UUID v4 (RFC 9562 §5.4) made from these random bytes.
///
/// ```
/// assert_eq!(dealix_webhooks::event_id([7; 16]), "evt_070707070707470787070707");
/// ```
pub fn event_id(random: [u8; 16]) -> String {
    new_id("evt_", random)
}

pub(crate) fn new_id(prefix: &str, mut random: [u8; 16]) -> String {
    random[6] = (random[6] & 0x0f) | 0x40;
    random[8] = (random[8] & 0x3f) | 0x80;
    format!("{prefix}{}", hex::encode(&random[..12]))
}
