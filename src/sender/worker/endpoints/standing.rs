/// What a worker currently thinks of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sender::worker) enum Standing {
    /// Nothing is known, or the last attempt failed or was slow.
    Unproven,
    /// The last attempt was delivered, and not slowly.
    Proven,
    /// It timed out several times in a row, and gets one attempt at a time.
    Probed,
    /// It is left alone for a while: between two probes, or after a failure of this machine.
    Resting,
}

impl Standing {
    /// In the order of the variants.
    pub(in crate::sender::worker) const NAMES: [&str; 4] = ["unproven", "proven", "probed", "resting"];
}
