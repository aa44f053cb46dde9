//! The durable queue: every event that was enqueued arrives at least once, whatever fails in between.

mod alarms;
mod deliveries;
mod events;
mod inspection;
mod ping;
mod queue;
mod subscriptions;
mod workers;

pub use queue::Queue;
