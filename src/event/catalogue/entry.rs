use crate::event::event_type::EventType;

/// What is known of an event type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CatalogueEntry {
    /// The type.
    pub event_type: EventType,
    /// What happened, in a sentence.
    pub summary: &'static str,
    /// The payload's fields that are known. Each may be absent, and others may be present.
    pub fields: &'static [KnownField],
    /// An invented payload as JSON text, with every known field and some others. Real ones may look different.
    pub sample: &'static str,
}

/// A field of a payload that is known today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownField {
    /// The field's key.
    pub name: &'static str,
    /// What its value is.
    pub kind: FieldKind,
    /// What it means, in a sentence.
    pub meaning: &'static str,
}

/// What a field's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldKind {
    /// A JSON string.
    Text,
    /// A JSON number.
    Number,
}

impl FieldKind {
    /// The name of the JSON type, which is also TypeScript's.
    ///
    /// ```
    /// assert_eq!(dealix_webhooks::catalogue::FieldKind::Text.json_type(), "string");
    /// ```
    pub fn json_type(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Number => "number",
        }
    }
}
