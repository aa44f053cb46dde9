//! The queue in an SQL database. `shared/` is compiled once for each: the folder of the database, `sqlite/` or `postgres/`, says
//! in its `dialect.rs` which one by the `Driver`, and what it does in a way of its own. The statements that both run, but not
//! in the same number of round trips, are in `statements.rs`; what they spell differently is at the top of each `mod.rs`.

pub mod connection;
mod limits;
#[macro_use]
#[rustfmt::skip]
mod statements;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod sqlite;
mod values;
