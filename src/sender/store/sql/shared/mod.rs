// The queue in an SQL database, compiled once for each: see `mod.rs`. Both read `$1`, and spell what is written here in the
// same way.

mod group;
mod leases;
pub(super) mod line;
mod lists;
mod outbox;
mod prune;
mod replay;
mod rows;
pub(super) mod setup;
pub(super) mod store;
mod subscriptions;
mod ways_in;
