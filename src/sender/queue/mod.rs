//! What goes into the durable queue and comes out of it: records, options and errors.

mod counters;
mod database_error;
mod error;
mod inspection;
mod options;
mod record;
mod state;
mod unknown_state_error;

pub use counters::{WorkCounters, WorkSummary};
pub use database_error::DatabaseError;
pub use error::QueueError;
pub use inspection::{DatabaseStatus, QueueActivity, QueuePrivileges};
pub use options::{DeliveryFilter, QueueOptions, ReplayOptions, WorkOptions};
pub use record::{Enqueued, LoggedAttempt, QueueDepth, QueuedDelivery, Recovered, StoredSubscription};
pub use state::DeliveryState;
pub use unknown_state_error::UnknownStateError;
