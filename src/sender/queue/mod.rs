//! What goes into the durable queue and comes out of it: records, options and errors.

mod activity;
mod alarm;
mod counters;
mod database_error;
mod error;
mod health;
mod inspection;
mod options;
mod record;
mod secrets_at_rest;
mod secrets_key_error;
mod secrets_keys;
mod state;
mod subscription_update;
mod traced_event;
mod unknown_state_error;

pub use activity::{LastAttempt, RecentAttempts, SubscriptionActivity};
pub use alarm::{Alarm, AlarmOptions, AlarmedEndpoint, DeadLettersOf, OPERATOR, OverdueOf};
pub use counters::{WorkCounters, WorkSummary};
pub use database_error::DatabaseError;
pub use error::QueueError;
pub use health::WorkHealth;
pub use inspection::{DatabaseStatus, QueueActivity, QueuePrivileges};
pub use options::{DeliveryFilter, QueueOptions, ReplayOptions, WorkMetrics, WorkOptions};
pub use record::{
    DamagedSubscription, Enqueued, LoggedAttempt, QueueDepth, QueuedDelivery, Recovered, Resealed, StoredSubscription,
    SubscriptionList,
};
pub use secrets_at_rest::SecretsAtRest;
pub use secrets_key_error::SecretsKeyError;
pub use secrets_keys::SecretsKeys;
pub(in crate::sender) use secrets_keys::key_id_of;
pub use state::DeliveryState;
pub use subscription_update::SubscriptionUpdate;
pub use traced_event::TracedEvent;
pub use unknown_state_error::UnknownStateError;
