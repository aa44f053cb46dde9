//! The endpoints that deliveries are pending for: when to ask the database for them, and how many attempts may be in flight at
//! each.
//!
//! An endpoint that hangs must not occupy the slots of the others. So a new endpoint starts with few slots, and each success
//! adds one. An endpoint that times out several times in a row has a single slot, and rests after each attempt: these attempts
//! probe whether it is back, while the rest of its deliveries wait in the database at no cost. And a quarter of all slots is
//! reserved for endpoints that have been seen to work. An endpoint that has a rate is not asked for before its next attempt may
//! start, so it occupies nothing while it waits.

mod ended;
mod endpoint;
mod pace;
mod registry;
mod standing;
mod state;
#[cfg(test)]
mod tests;

pub(super) use ended::Ended;
pub(super) use registry::{Endpoints, Vacancy};
pub(super) use standing::Standing;
