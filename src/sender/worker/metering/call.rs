/// What a worker asks of the database: the label `call`.
#[derive(Clone, Copy)]
pub(in crate::sender::worker) enum Call {
    Survey,
    Lease,
    Record,
    Renew,
    Outbox,
    Abandon,
    Depth,
    Prune,
}

impl Call {
    /// In the order of the variants.
    pub(super) const NAMES: [&str; 8] = ["survey", "lease", "record", "renew", "outbox", "abandon", "depth", "prune"];
}
