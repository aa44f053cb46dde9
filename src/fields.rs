//! An event's fields as JSON text holds them.

use crate::WebhookEvent;
use crate::canonical::path_of_syntax_error;
use crate::event::API_VERSION;
use crate::json::{self, Members, member, unquoted};
use serde_json::value::RawValue;
use std::borrow::Cow;
use thiserror::Error;

/// A body that is no envelope: [`WebhookEvent::from_envelope`].
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("invalid_envelope: the body is signed but its {field} is missing or of the wrong type")]
pub struct InvalidEnvelope {
    /// The envelope's first bad field, or `body` where it is no JSON object at all.
    pub field: &'static str,
}

/// A text that is no event record: [`WebhookEvent::from_json`].
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{path}: {reason}")]
pub struct InvalidRecord {
    /// Where in the record, such as `payload.items[3].price`.
    pub path: String,
    /// What was found there.
    pub reason: String,
}

/// A [`WebhookEvent`] that owns nothing.
pub(crate) struct Fields<'t> {
    pub(crate) event_id: Cow<'t, str>,
    pub(crate) event_type: Cow<'t, str>,
    pub(crate) customer_id: Cow<'t, str>,
    /// JSON text that was checked.
    pub(crate) payload: &'t str,
    pub(crate) timestamp: i64,
    pub(crate) api_version: Cow<'t, str>,
}

impl<'t> Fields<'t> {
    pub(crate) fn of(event: &'t WebhookEvent) -> Self {
        Self {
            event_id: Cow::Borrowed(&event.event_id),
            event_type: Cow::Borrowed(event.event_type.as_str()),
            customer_id: Cow::Borrowed(&event.customer_id),
            payload: event.payload.get(),
            timestamp: event.timestamp,
            api_version: Cow::Borrowed(&event.api_version),
        }
    }

    pub(crate) fn from_envelope(body: &'t [u8]) -> Result<Self, InvalidEnvelope> {
        let members = std::str::from_utf8(body).ok().and_then(json::members);
        let members = members.ok_or(InvalidEnvelope { field: "body" })?;
        Self::from_members(&members, &ENVELOPE).map_err(|field| InvalidEnvelope { field })
    }

    pub(crate) fn from_json(text: &'t str) -> Result<Self, InvalidRecord> {
        let members = json::members(text).ok_or_else(|| no_object(text))?;
        let is_record =
            [RECORD.event_id, RECORD.event_type, RECORD.payload].iter().any(|name| member(&members, name).is_some());
        let names = if is_record { &RECORD } else { &ENVELOPE };
        if let Some(unknown) = members.iter().map(|(key, _)| key).filter(|key| !names.has(key)).min() {
            return Err(InvalidRecord::new(unknown.as_ref(), "this field is not one of an event's"));
        }
        Self::from_members(&members, names)
            .map_err(|field| InvalidRecord::new(field, "this field is missing or of the wrong type"))
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

    pub(crate) fn into_event(self) -> serde_json::Result<WebhookEvent> {
        Ok(WebhookEvent {
            event_id: self.event_id.into_owned(),
            event_type: self.event_type.into_owned().into(),
            customer_id: self.customer_id.into_owned(),
            payload: RawValue::from_string(self.payload.to_owned())?,
            timestamp: self.timestamp,
            api_version: self.api_version.into_owned(),
        })
    }
}

impl InvalidRecord {
    pub(crate) fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
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
fn no_object(text: &str) -> InvalidRecord {
    if !text.trim_start().starts_with('{') {
        return InvalidRecord::new(".", "an event is a JSON object");
    }
    match json::check(text) {
        Ok(()) => InvalidRecord::new(".", "a key holds a lone surrogate"),
        Err(error) => InvalidRecord::new(path_of_syntax_error(text, &error), error.to_string()),
    }
}
