use super::alarm::AlarmOptions;
use super::secrets_keys::SecretsKeys;
use super::state::DeliveryState;
use std::time::Duration;

/// How a [`Queue`](crate::sender::Queue) is opened.
#[derive(Clone, Debug)]
pub struct QueueOptions {
    /// The longest canonical envelope that is accepted, in bytes; 1 MiB by default.
    pub max_envelope_bytes: usize,
    /// The keys that secrets are sealed with in the database; none by default, so that they are stored as they are.
    pub secrets_keys: SecretsKeys,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self { max_envelope_bytes: 1024 * 1024, secrets_keys: SecretsKeys::default() }
    }
}

/// Which deliveries to select; by default all of them.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only this customer's.
    pub customer_id: Option<String>,
    /// Only those to this subscription.
    pub subscription_id: Option<String>,
    /// Only those of this event.
    pub event_id: Option<String>,
    /// Only those enqueued (dead letters: abandoned) at or after this time, in seconds since 1970.
    pub since: i64,
}

/// How deliveries are replayed.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReplayOptions {
    /// How many of them become due each second; `None` makes all due at once.
    pub per_second: Option<u32>,
    /// Counts them without changing anything.
    pub dry_run: bool,
}

impl ReplayOptions {
    /// The time from one delivery to the next.
    pub(in crate::sender) fn interval_ms(self) -> f64 {
        self.per_second.map_or(0.0, |rate| 1000.0 / f64::from(rate.max(1)))
    }
}

/// How a [`Worker`](crate::sender::Worker) works.
#[derive(Clone, Copy, Debug)]
pub struct WorkOptions {
    /// How many attempts are in flight at once; 1,024 by default. A quarter of them is reserved for endpoints whose last response was a
    /// success within one second.
    pub concurrency: usize,
    /// How many of them at one endpoint; 16 by default. An endpoint that is new to the worker starts with 4, and each success adds one.
    /// After three timeouts in a row it gets only one, with a rest after each attempt, until a response shows that it is back.
    pub concurrency_per_endpoint: usize,
    /// How many bytes of bodies are in flight at once; 64 MiB by default. A body that exceeds what is left is still sent while
    /// at most half is in use; bodies of up to 16 KiB are always sent.
    pub max_bytes_in_flight: usize,
    /// Whether to add up to a tenth to each delay, so that deliveries which failed together are not retried together; true by default.
    pub jitter: bool,
    /// Whether to stop when nothing is due any more and what is no longer kept is deleted, instead of when told to; false by default.
    pub until_idle: bool,
    /// How long a delivery is leased; 60 s by default, at least 2 s. The lease is renewed while the attempt is in flight; if the
    /// worker dies, another one makes the attempt when the lease has expired.
    pub lease: Duration,
    /// How long to wait for the attempts in flight when told to stop; 25 s by default. Those still in flight after that are released
    /// for other workers, within 2 s: orchestrators usually kill a process after 30 s.
    pub shutdown_grace: Duration,
    /// How long finished deliveries and their logs are kept; 30 days by default. They are deleted every hour, or more often if they
    /// are kept for less.
    pub keep_finished: Duration,
    /// When to raise an alarm.
    pub alarms: AlarmOptions,
    /// What is reported to the `metrics` facade; nothing by default.
    pub metrics: WorkMetrics,
}

/// What a [`Worker`](crate::sender::Worker) reports to the recorder of the crate `metrics`, which must be installed before the
/// worker is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WorkMetrics {
    /// Nothing.
    #[default]
    Off,
    /// Everything, with labels that take a few values each.
    On,
    /// Attempts and finished deliveries have the label `subscription` as well, so there are more of them with every customer.
    BySubscription,
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
            alarms: AlarmOptions::default(),
            metrics: WorkMetrics::Off,
        }
    }
}
