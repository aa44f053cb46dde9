//! The queue in an SQL database. `shared/` is compiled once for each: the file of the database, `sqlite.rs` or
//! `postgres.rs`, says which one by its `Driver`, what it spells differently, and how it opens and wakes up. What both run,
//! but not in the same number of statements, is in `statements.rs`.

pub mod connection;
#[macro_use]
#[rustfmt::skip]
mod statements;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod sqlite;
