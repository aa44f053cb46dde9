use std::time::Duration;

/// How a [`Worker`](super::Worker) works.
#[derive(Clone, Copy, Debug)]
pub struct WorkOptions {
    /// How many attempts are under way at once: 64, and at most 4096.
    pub concurrency: usize,
    /// How many of them at one endpoint: 16.
    pub concurrency_per_endpoint: usize,
    /// Whether up to a tenth is added to each delay, so that what failed together does not come back together: yes.
    pub jitter: bool,
    /// Whether to stop when nothing is due any more, rather than when told to: no.
    pub until_idle: bool,
    /// After how long without a sign of life a worker is taken for dead, and its attempts are made by another: 60 s, and
    /// at least 2 s.
    pub presumed_dead_after: Duration,
    /// How long, once told to stop, to wait for the attempts under way: 30 s.
    pub shutdown_grace: Duration,
    /// For how long finished deliveries and their log are kept: 30 days.
    pub keep_finished: Duration,
}

impl Default for WorkOptions {
    fn default() -> Self {
        Self {
            concurrency: 64,
            concurrency_per_endpoint: 16,
            jitter: true,
            until_idle: false,
            presumed_dead_after: Duration::from_secs(60),
            shutdown_grace: Duration::from_secs(30),
            keep_finished: Duration::from_hours(30 * 24),
        }
    }
}
