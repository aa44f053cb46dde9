use super::evidence::Evidence;
use super::facts::Time;
use super::mistake::Mistake;
use crate::signature::is_fresh;

/// Times in this range are taken to be in milliseconds: as seconds they would be in the year 5138 or later.
const MILLISECONDS: std::ops::Range<i64> = 100_000_000_000..100_000_000_000_000;

/// What is wrong with the time of a signature, by the receiver's clock.
pub(super) fn mistakes(timestamp: i64, evidence: &Evidence) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    if is_fresh(timestamp, evidence.now, evidence.max_age_seconds) {
        return mistakes;
    }
    let signed = seconds(timestamp);
    let now = seconds(evidence.now);
    if signed != timestamp {
        mistakes.push(Mistake::Milliseconds(Time::Timestamp));
    }
    if now != evidence.now {
        mistakes.push(Mistake::Milliseconds(Time::Now));
    }
    if !is_fresh(signed, now, evidence.max_age_seconds) {
        let age_seconds = now.saturating_sub(signed);
        mistakes.push(Mistake::ClockSkew { age_seconds, max_age_seconds: evidence.max_age_seconds });
    }
    mistakes
}

/// A time in milliseconds as seconds; any other time unchanged.
pub(super) fn seconds(time: i64) -> i64 {
    if MILLISECONDS.contains(&time) { time / 1000 } else { time }
}
