use std::time::Duration;

/// How a [`Queue`](crate::sender::Queue) is opened.
#[derive(Clone, Copy, Debug)]
pub struct QueueOptions {
    /// The longest canonical envelope that is taken, in bytes: 1 MiB.
    pub max_envelope_bytes: usize,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self { max_envelope_bytes: 1024 * 1024 }
    }
}

/// How deliveries are replayed.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReplayOptions {
    /// At most so many of them a second become due; at once, unless it is given.
    pub per_second: Option<u32>,
    /// Counts them, and changes nothing.
    pub dry_run: bool,
}

impl ReplayOptions {
    /// Between two of them.
    pub(in crate::sender) fn interval_ms(self) -> f64 {
        self.per_second.map_or(0.0, |rate| 1000.0 / f64::from(rate.max(1)))
    }
}

/// How a [`Worker`](crate::sender::Worker) works.
#[derive(Clone, Copy, Debug)]
pub struct WorkOptions {
    /// How many attempts are in flight at once: 1,024. A quarter of them is for endpoints whose last answer was a success
    /// within a second.
    pub concurrency: usize,
    /// How many of them at one endpoint: 16. One that is new to the worker begins with 4, and each success adds one; one
    /// that times out three times in a row keeps a single place, and rests between its attempts, until an answer shows that
    /// it is back.
    pub concurrency_per_endpoint: usize,
    /// How many bytes of bodies are in flight at once: 64 MiB. A body that is longer than what is left goes where half of
    /// that or less is in flight, and one of 16 KiB or less in any case.
    pub max_bytes_in_flight: usize,
    /// Whether up to a tenth is added to each delay, so that what failed together does not come back together: yes.
    pub jitter: bool,
    /// Whether to stop when nothing is due any more, rather than when told to: no.
    pub until_idle: bool,
    /// For how long a delivery is leased: 60 s, and at least 2 s. The lease is renewed while the attempt is in flight; when
    /// its worker has died, another makes the attempt after this time.
    pub lease: Duration,
    /// How long, once told to stop, to wait for the attempts in flight: 25 s. What is still in flight then is given back,
    /// within 2 s: orchestrators tend to kill after 30 s.
    pub shutdown_grace: Duration,
    /// For how long finished deliveries and their log are kept: 30 days.
    pub keep_finished: Duration,
}

impl Default for WorkOptions {
    fn default() -> Self {
        Self {
            concurrency: 1024,
            concurrency_per_endpoint: 16,
            max_bytes_in_flight: 64 * 1024 * 1024,
            jitter: true,
            until_idle: false,
            lease: Duration::from_secs(60),
            shutdown_grace: Duration::from_secs(25),
            keep_finished: Duration::from_hours(30 * 24),
        }
    }
}
