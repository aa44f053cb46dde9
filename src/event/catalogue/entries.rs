//! The catalogue's table. Each type has its sample beside it, in `samples/<type>.json`.

use super::entry::{CatalogueEntry, FieldKind, KnownField};
use crate::event::event_type::EventType;

macro_rules! catalogue {
    ($($name:ident $text:literal $summary:literal { $($field:ident: $kind:ident $meaning:literal)* })*) => {
        impl EventType {
            $(#[doc = concat!("`", $text, "`: ", $summary)] pub const $name: Self = Self::known($text);)*
        }

        /// The event types known today, in the order of `docs/contract.md`, section 2.
        pub const EVENT_TYPES: &[EventType] = &[$(EventType::$name),*];

        /// What is known of each event type, in the order of [`EVENT_TYPES`](crate::EVENT_TYPES).
        pub const CATALOGUE: &[CatalogueEntry] = &[$(CatalogueEntry {
            event_type: EventType::$name,
            summary: $summary,
            fields: &[$(KnownField { name: stringify!($field), kind: FieldKind::$kind, meaning: $meaning }),*],
            sample: include_str!(concat!("samples/", $text, ".json")),
        }),*];

        /// The samples alone: a WebAssembly module that uses them does not hold the rest of the catalogue.
        #[cfg(feature = "diagnose")]
        pub(crate) const SAMPLES: &[(&str, &str)] = &[$(($text, include_str!(concat!("samples/", $text, ".json")))),*];
    };
}

catalogue! {
    LEAD_CREATED "lead.created" "A lead was added." {
        name: Text "The company's name."
    }
    LEAD_QUALIFIED "lead.qualified" "A lead turned out to be worth pursuing." {
        name: Text "The company's name."
    }
    LEAD_DISQUALIFIED "lead.disqualified" "A lead turned out not to be worth pursuing." {
        name: Text "The company's name."
    }
    LEAD_ENRICHED "lead.enriched" "A lead was enriched with more data." {
        name: Text "The company's name."
    }
    DRAFT_CREATED "draft.created" "A message was drafted." {
        name: Text "The company's name."
    }
    DRAFT_APPROVED "draft.approved" "A drafted message was approved." {
        name: Text "The company's name."
    }
    DRAFT_SENT "draft.sent" "A drafted message was sent." {
        name: Text "The company's name."
    }
    REPLY_RECEIVED "reply.received" "Somebody replied to a message." {
        name: Text "The company's name."
    }
    REPLY_CLASSIFIED "reply.classified" "A reply was assigned a category." {
        name: Text "The company's name."
    }
    DEMO_BOOKED "demo.booked" "A demo was booked." {
        name: Text "The company's name."
    }
    DEMO_HELD "demo.held" "A demo took place." {
        name: Text "The company's name."
    }
    DEAL_CREATED "deal.created" "A deal was opened." {
        name: Text "The company's name."
        amount: Number "What the deal may be worth, in `currency`."
        currency: Text "The ISO 4217 code."
    }
    DEAL_WON "deal.won" "A deal was won." {
        name: Text "The company's name."
        amount: Number "What the deal is worth, in `currency`."
        currency: Text "The ISO 4217 code."
    }
    DEAL_LOST "deal.lost" "A deal was lost." {
        name: Text "The company's name."
        amount: Number "What the deal would have been worth, in `currency`."
        currency: Text "The ISO 4217 code."
    }
    PAYMENT_RECEIVED "payment.received" "A customer paid." {
        name: Text "The company's name."
        amount: Number "What was paid, in `currency`."
        currency: Text "The ISO 4217 code."
    }
    HEALTH_CHANGED "health.changed" "A customer's health score changed." {
        name: Text "The company's name."
    }
    CHURN_PREDICTED "churn.predicted" "A customer is likely to leave." {
        name: Text "The company's name."
    }
    QBR_GENERATED "qbr.generated" "A quarterly business review is ready." {
        name: Text "The company's name."
    }
    PULSE_PUBLISHED "pulse.published" "A pulse report was published." {
        name: Text "The company's name."
    }
}
