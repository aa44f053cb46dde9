use std::num::NonZeroU32;
use tokio::time::{Duration, Instant};

/// Spreads the attempts at one endpoint evenly over time (GCRA). Up to a tenth of a second's attempts, and at least one, may
/// start at once, so that a fast pace does not need a lease for each.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    max_per_second: NonZeroU32,
    /// When the next attempt may start.
    next: Instant,
}

impl Pace {
    /// The pace after another one, if there was one.
    pub(super) fn new(max_per_second: NonZeroU32, earlier: Option<Self>) -> Self {
        let mut pace = Self { max_per_second, next: Instant::now() };
        pace.next = earlier.map_or_else(|| pace.rested(), |earlier| earlier.next);
        pace
    }

    fn interval(self) -> Duration {
        // More than 10^9 a second would be none at all.
        (Duration::from_secs(1) / self.max_per_second.get()).max(Duration::from_nanos(1))
    }

    fn at_once(self) -> u32 {
        self.max_per_second.get().div_ceil(10)
    }

    /// When the next attempt could have started, had there been none for long.
    fn rested(self) -> Instant {
        let now = Instant::now();
        now.checked_sub(self.interval() * (self.at_once() - 1)).unwrap_or(now)
    }

    /// When the next attempt may start.
    pub(super) fn next(self) -> Instant {
        self.next
    }

    /// How many attempts may start now.
    pub(super) fn starts(self) -> usize {
        let Some(since) = Instant::now().checked_duration_since(self.next) else { return 0 };
        let more = since.as_nanos() / self.interval().as_nanos();
        usize::try_from(more).unwrap_or(usize::MAX).saturating_add(1).min(self.at_once() as usize)
    }

    /// An attempt starts.
    pub(super) fn start(&mut self) {
        self.next = self.next.max(self.rested()) + self.interval();
    }

    /// Whether attempts have started so recently that others must wait.
    pub(super) fn is_used(self) -> bool {
        self.next > self.rested()
    }
}
