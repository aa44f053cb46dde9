//! The databases that hold a queue. The row that records a delivery is also what a worker leases, so the two cannot disagree.

pub mod change;
pub mod connection;
pub mod database;
pub mod lease;
pub mod new_event;
pub mod news;
pub mod open;
pub mod outcome;
pub mod parked;
mod sql;
mod writer;
