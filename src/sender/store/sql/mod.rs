//! The queue in an SQL database. `shared/` is compiled twice, once for each database: the database's file in `dialect/` sets
//! the `Driver` and holds what the database does in its own way, and its `macros.rs` what it spells differently. The
//! statements that every delivery goes through are in `statements.rs`.

mod error;
mod limits;
#[macro_use]
#[rustfmt::skip]
mod statements;
#[cfg(feature = "postgres")]
pub mod postgres;
mod recording;
mod secrets;
pub mod sqlite;
mod values;
