//! The queue in a PostgreSQL database, for any number of machines.

#[macro_use]
mod macros;
#[path = "../dialect/postgres.rs"]
mod dialect;
mod open;
#[allow(clippy::duplicate_mod, reason = "the same code for another `Driver`")]
#[path = "../shared/mod.rs"]
mod shared;

pub(in crate::sender::store) use open::open;
