//! The databases that hold a queue. The row that records a delivery is what a worker leases: there is no second truth.

pub mod change;
pub mod database;
pub mod news;
pub mod open;
pub mod sql;
mod writer;
