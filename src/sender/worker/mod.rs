//! The worker: leases what is due, makes the attempts, and keeps house.

mod attempt;
mod backoff;
mod endpoints;
mod housekeeping;
mod in_flight;
mod leasing;
mod metering;
mod outcome;
mod run;
mod shared;
mod slot;

pub use run::Worker;
