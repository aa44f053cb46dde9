use serde::Serialize;

/// How a subscription's deliveries have fared lately. Times are in seconds since 1970.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct SubscriptionActivity {
    /// Deliveries that are waiting for an attempt.
    pub pending: u64,
    /// Those of them whose attempt is due.
    pub due: u64,
    /// When the oldest of them was enqueued.
    pub oldest_pending_at: Option<i64>,
    /// The latest attempt that got a 2xx response.
    pub last_success: Option<LastAttempt>,
    /// The latest attempt that did not.
    pub last_failure: Option<LastAttempt>,
    /// The attempts of the last hour.
    pub last_hour: RecentAttempts,
    /// There were so many deliveries that only the newest were looked at: there may have been more attempts.
    pub is_partial: bool,
}

/// An attempt, as [`SubscriptionActivity`] shows it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LastAttempt {
    /// The delivery's id.
    pub delivery_id: String,
    /// When it was made.
    pub timestamp: i64,
    /// The status of the response, if there was one.
    pub status_code: Option<u16>,
    /// What went wrong, if anything did.
    pub error: Option<String>,
}

/// Some attempts, and how long they took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecentAttempts {
    /// How many were made.
    pub attempts: u64,
    /// How many of them got a 2xx response.
    pub successes: u64,
    /// Half of them took at most this long, in whole milliseconds.
    pub median_ms: Option<u64>,
    /// 95 % of them took at most this long, in whole milliseconds.
    pub p95_ms: Option<u64>,
}

impl RecentAttempts {
    pub(in crate::sender) fn of(mut durations_ms: Vec<u64>, successes: u64) -> Self {
        durations_ms.sort_unstable();
        // The shortest time that this share of them did not exceed.
        let within = |percent: usize| {
            let rank = (durations_ms.len() * percent).div_ceil(100);
            durations_ms.get(rank.checked_sub(1)?).copied()
        };
        let (median_ms, p95_ms) = (within(50), within(95));
        Self { attempts: durations_ms.len() as u64, successes, median_ms, p95_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_and_95_percent_took_at_most_the_reported_times() {
        let of = |durations: Vec<u64>| RecentAttempts::of(durations, 0);
        assert_eq!((of(vec![]).median_ms, of(vec![]).p95_ms), (None, None));
        assert_eq!((of(vec![7]).median_ms, of(vec![7]).p95_ms), (Some(7), Some(7)));
        let hundred = of((1..=100).rev().collect());
        assert_eq!((hundred.attempts, hundred.median_ms, hundred.p95_ms), (100, Some(50), Some(95)));
        assert_eq!(of(vec![1, 2, 3, 400]).p95_ms, Some(400));
    }
}
