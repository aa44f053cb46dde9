use super::ended::Ended;
use super::pace::Pace;
use super::standing::Standing;
use std::num::NonZeroU32;
use tokio::time::{Duration, Instant};

/// The slots of an endpoint that nothing is known about.
const FIRST_LIMIT: usize = 4;
/// After this many timeouts in a row, an endpoint is only probed.
const TIMEOUTS_TO_BREAK: u32 = 3;
/// Then it rests for three times as long as the attempt took, so that it occupies a slot for a quarter of the time.
const REST: u32 = 3;
/// How long to leave an endpoint alone after an attempt failed on this machine.
pub(super) const REST_AFTER_LOCAL_FAILURE: Duration = Duration::from_secs(5);

pub(super) struct Endpoint {
    pub in_flight: usize,
    pub limit: usize,
    timeouts_in_a_row: u32,
    /// The last attempt was delivered, and not slowly.
    pub is_proven: bool,
    /// When something is due, as far as is known.
    pub due: Option<Instant>,
    rests_until: Option<Instant>,
    pace: Option<Pace>,
    /// Its key in the list of endpoints that wait, if it is there.
    pub waiting_since: Option<Instant>,
}

impl Endpoint {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            in_flight: 0,
            limit: limit.min(FIRST_LIMIT),
            timeouts_in_a_row: 0,
            is_proven: false,
            due: None,
            rests_until: None,
            pace: None,
            waiting_since: None,
        }
    }

    /// The time from which on it has something for a free slot.
    pub(super) fn waits_since(&self) -> Option<Instant> {
        let due = self.due.filter(|_| self.in_flight < self.limit)?;
        [self.rests_until, self.pace.map(Pace::next)].into_iter().flatten().chain([due]).max()
    }

    /// How many attempts may start now.
    pub(super) fn slots(&self) -> usize {
        let free = self.limit.saturating_sub(self.in_flight);
        self.pace.map_or(free, |pace| pace.starts().min(free))
    }

    pub(super) fn enter(&mut self, max_per_second: Option<NonZeroU32>) {
        self.in_flight += 1;
        self.pace = max_per_second.map(|most| Pace::new(most, self.pace));
        if let Some(pace) = &mut self.pace {
            pace.start();
        }
    }

    /// Whether its rate keeps attempts waiting, or may soon.
    pub(super) fn is_paced(&self) -> bool {
        self.pace.is_some_and(Pace::is_used)
    }

    /// Whether it has a rate.
    pub(super) fn has_pace(&self) -> bool {
        self.pace.is_some()
    }

    pub(super) fn end(&mut self, ended: Ended, limit: usize) {
        self.in_flight -= 1;
        match ended {
            Ended::Delivered | Ended::DeliveredSlowly => {
                self.is_back(ended == Ended::Delivered);
                self.limit = (self.limit + 1).max(FIRST_LIMIT).min(limit);
            }
            Ended::Answered => {
                self.is_back(false);
                self.limit = self.limit.max(FIRST_LIMIT).min(limit);
            }
            Ended::TimedOut(took) => {
                (self.timeouts_in_a_row, self.is_proven) = (self.timeouts_in_a_row + 1, false);
                self.limit = (self.limit / 2).max(1);
                if self.is_broken() {
                    (self.limit, self.rests_until) = (1, Some(Instant::now() + took * REST));
                }
            }
            Ended::Locally => self.rests_until = Some(Instant::now() + REST_AFTER_LOCAL_FAILURE),
            Ended::Otherwise => {}
        }
    }

    fn is_back(&mut self, is_proven: bool) {
        (self.timeouts_in_a_row, self.is_proven, self.rests_until) = (0, is_proven, None);
    }

    pub(super) fn standing(&self) -> Standing {
        match self.rests_until {
            Some(until) if until > Instant::now() => Standing::Resting,
            _ if self.is_broken() => Standing::Probed,
            _ if self.is_proven => Standing::Proven,
            _ => Standing::Unproven,
        }
    }

    pub(super) fn is_broken(&self) -> bool {
        self.timeouts_in_a_row >= TIMEOUTS_TO_BREAK
    }
}
