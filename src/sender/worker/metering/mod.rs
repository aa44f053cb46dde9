//! What a worker reports to the `metrics` facade. `docs/sender.md` explains each metric.

mod attempt_outcome;
mod call;
mod describe;
mod meters;

pub(super) use call::Call;
pub(super) use meters::Metering;
