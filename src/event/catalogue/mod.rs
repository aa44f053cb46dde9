//! The event types known today, each with a sentence, a sample payload and the payload's known fields.
//!
//! The list is open, and so is every payload: neither the sender nor a receiver compares one with the catalogue.
//!
//! ```
//! use dealix_webhooks::catalogue::{CATALOGUE, FieldKind};
//!
//! let entry = CATALOGUE.iter().find(|entry| entry.event_type == "deal.won").expect("a known type");
//! assert_eq!(entry.summary, "A deal was won.");
//!
//! let amount = entry.fields.iter().find(|field| field.name == "amount").expect("a known field");
//! assert_eq!(amount.kind, FieldKind::Number);
//!
//! let sample: serde_json::Value = serde_json::from_str(entry.sample)?;
//! assert_eq!(sample["amount"], 12500.0);
//! # Ok::<(), serde_json::Error>(())
//! ```

pub(super) mod entries;
mod entry;

pub use entries::CATALOGUE;
#[cfg(feature = "diagnose")]
pub(crate) use entries::SAMPLES;
pub use entry::{CatalogueEntry, FieldKind, KnownField};

use super::event_type::EventType;
use entries::EVENT_TYPES;

impl EventType {
    /// Whether the type is one of [`EVENT_TYPES`](crate::EVENT_TYPES).
    pub fn is_known(&self) -> bool {
        EVENT_TYPES.contains(self)
    }
}
