// The part of the store that is the same for every database, compiled once for each: see `../mod.rs`.

mod activity;
mod alarms;
mod group;
mod inspections;
mod leased;
mod leases;
pub(super) mod line;
mod lists;
mod outbox;
mod prune;
mod replay;
mod rows;
mod settings;
pub(super) mod setup;
pub(super) mod store;
mod subscriptions;
mod writes;
