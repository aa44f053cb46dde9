use super::envelope_error::EnvelopeError;
use super::record_error::RecordError;
use crate::json::{self, Members, Step, member, unquoted};
use std::borrow::Cow;

pub(super) const API_VERSION: &str = "v1";

/// The fields of an event, borrowed from the JSON text or the record that holds them.
pub(crate) struct Fields<'t> {
    pub(crate) event_id: Cow<'t, str>,
    pub(crate) event_type: Cow<'t, str>,
    pub(crate) customer_id: Cow<'t, str>,
    /// JSON text that has been checked.
    pub(crate) payload: &'t str,
    pub(crate) timestamp: i64,
    pub(crate) api_version: Cow<'t, str>,
}

impl<'t> Fields<'t> {
    pub(crate) fn from_envelope(body: &'t [u8]) -> Result<Self, EnvelopeError> {
        let members = std::str::from_utf8(body).ok().and_then(json::members);
        let members = members.ok_or(EnvelopeError::new("body"))?;
        Self::from_members(&members, &ENVELOPE).map_err(EnvelopeError::new)
    }

    /// Reads a record or an envelope; see [`WebhookEvent::from_json`](crate::WebhookEvent::from_json).
    pub(crate) fn from_json(text: &'t str) -> Result<Self, RecordError> {
        let members = json::members(text).ok_or_else(|| not_an_object(text))?;
        let is_record =
            [RECORD.event_id, RECORD.event_type, RECORD.payload].iter().any(|name| member(&members, name).is_some());
        let names = if is_record { &RECORD } else { &ENVELOPE };
        if let Some(unknown) = members.iter().map(|(key, _)| key).filter(|key| !names.has(key)).min() {
            let path = json::write_path("", [Step::Key(unknown.to_string())].iter());
            return Err(RecordError::new(path, "an event has no such field"));
        }
        Self::from_members(&members, names)
            .map_err(|field| RecordError::new(field, "this field is missing or of the wrong type"))
    }

    fn from_members(members: &Members<'t>, names: &FieldNames) -> Result<Self, &'static str> {
        Ok(Self {
            event_id: string(members, names.event_id)?,
            event_type: string(members, names.event_type)?,
            customer_id: string(members, "customer_id")?,
            timestamp: member(members, "timestamp").and_then(json::integer).ok_or("timestamp")?,
            api_version: match member(members, "api_version") {
                None if names.default_api_version => Cow::Borrowed(API_VERSION),
                _ => string(members, "api_version")?,
            },
            payload: member(members, names.payload).filter(|json| json.starts_with('{')).ok_or(names.payload)?,
        })
    }
}

struct FieldNames {
    event_id: &'static str,
    event_type: &'static str,
    payload: &'static str,
    default_api_version: bool,
}

const RECORD: FieldNames =
    FieldNames { event_id: "event_id", event_type: "event_type", payload: "payload", default_api_version: true };
const ENVELOPE: FieldNames =
    FieldNames { event_id: "id", event_type: "type", payload: "data", default_api_version: false };

impl FieldNames {
    fn has(&self, key: &str) -> bool {
        [self.event_id, self.event_type, self.payload, "customer_id", "timestamp", "api_version"].contains(&key)
    }
}

fn string<'t>(members: &Members<'t>, name: &'static str) -> Result<Cow<'t, str>, &'static str> {
    member(members, name).and_then(unquoted).ok_or(name)
}

/// Why the text has no members.
fn not_an_object(text: &str) -> RecordError {
    if !text.trim_start().starts_with('{') {
        return RecordError::new(".", "an event must be a JSON object");
    }
    match json::check(text) {
        Ok(()) => RecordError::new(".", "a key holds a lone surrogate"),
        Err(error) => RecordError::new(json::path_of_syntax_error(text, &error), error.to_string()),
    }
}
