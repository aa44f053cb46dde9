use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A database that fails for less than this is no problem yet.
const GRACE: Duration = Duration::from_secs(10);

/// Whether a worker can deliver at present; see [`Worker::health`](crate::sender::Worker::health).
#[derive(Debug, Default)]
pub struct WorkHealth(Mutex<Facts>);

#[derive(Debug, Default)]
struct Facts {
    /// When the last survey ended, and when the next one is expected to.
    survey: Option<(Instant, Instant)>,
    leases_fail_since: Option<Instant>,
    /// What a worker writes even if nothing is due.
    writes_fail_since: Option<Instant>,
    is_stopping: bool,
}

impl WorkHealth {
    /// What keeps the worker from delivering, in a sentence each; nothing if all is well.
    pub fn problems(&self) -> Vec<String> {
        let facts = self.lock();
        let mut problems = Vec::new();
        if facts.is_stopping {
            problems.push("the worker is stopping".to_owned());
        }
        match facts.survey {
            None => problems.push("the worker has not yet read from the database".to_owned()),
            Some((ended, next)) if next.elapsed() > GRACE => {
                problems.push(format!("the database has not been read for {} s", ended.elapsed().as_secs()));
            }
            Some(_) => {}
        }
        if let Some(since) = facts.leases_fail_since.filter(|since| since.elapsed() > GRACE) {
            problems.push(format!("no delivery could be leased for {} s", since.elapsed().as_secs()));
        }
        if let Some(since) = facts.writes_fail_since.filter(|since| since.elapsed() > GRACE) {
            problems.push(format!("nothing could be written to the database for {} s", since.elapsed().as_secs()));
        }
        problems
    }

    /// A survey has ended; the next one is expected after `rest`.
    pub(in crate::sender) fn surveyed(&self, rest: Duration) {
        let now = Instant::now();
        self.lock().survey = Some((now, now + rest));
    }

    pub(in crate::sender) fn leased(&self) {
        self.lock().leases_fail_since = None;
    }

    pub(in crate::sender) fn cannot_lease(&self) {
        self.lock().leases_fail_since.get_or_insert_with(Instant::now);
    }

    pub(in crate::sender) fn wrote(&self) {
        self.lock().writes_fail_since = None;
    }

    pub(in crate::sender) fn cannot_write(&self) {
        self.lock().writes_fail_since.get_or_insert_with(Instant::now);
    }

    pub(in crate::sender) fn stops(&self) {
        self.lock().is_stopping = true;
    }

    fn lock(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
