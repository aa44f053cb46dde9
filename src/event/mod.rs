//! Events: the record, its fields as JSON text, and the types known today.

pub mod catalogue;
mod envelope_error;
mod event_type;
mod fields;
mod id;
mod record_error;
mod webhook_event;

pub use catalogue::entries::EVENT_TYPES;
pub use envelope_error::EnvelopeError;
pub use event_type::EventType;
pub(crate) use fields::Fields;
pub use id::event_id;
#[cfg(feature = "native")]
pub(crate) use id::new_id;
pub use record_error::RecordError;
pub use webhook_event::{WebhookEvent, make_event};
