//! The queue in an embedded SQLite database, for one machine.

#[macro_use]
mod macros;
#[path = "../dialect/sqlite.rs"]
mod dialect;
mod open;
#[allow(clippy::duplicate_mod, reason = "the same code for another `Driver`")]
#[path = "../shared/mod.rs"]
mod shared;

pub(in crate::sender::store) use open::open;
