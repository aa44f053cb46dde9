//! What goes into the durable queue and comes out of it: records, options, errors.

pub mod error;
pub mod options;
pub mod record;
pub mod summary;
