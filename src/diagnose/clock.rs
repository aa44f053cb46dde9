use super::Delivery;
use super::mistake::Mistake;
use crate::signature::is_fresh;

/// From the year 5138 in seconds to that in milliseconds, a time is taken to be in milliseconds.
const MILLISECONDS: std::ops::Range<i64> = 100_000_000_000..100_000_000_000_000;

/// What is wrong with the time of a signature, seen from the receiver's clock.
pub(super) fn mistakes(timestamp: i64, delivery: &Delivery) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    if is_fresh(timestamp, delivery.now, delivery.max_age_seconds) {
        return mistakes;
    }
    let signed = seconds(timestamp);
    let now = seconds(delivery.now);
    if signed != timestamp {
        mistakes.push(Mistake::Milliseconds("timestamp"));
    }
    if now != delivery.now {
        mistakes.push(Mistake::Milliseconds("now"));
    }
    if !is_fresh(signed, now, delivery.max_age_seconds) {
        let age_seconds = now.saturating_sub(signed);
        mistakes.push(Mistake::ClockSkew { age_seconds, max_age_seconds: delivery.max_age_seconds });
    }
    mistakes
}

/// The seconds of a time that is in milliseconds, and any other time as it is.
pub(super) fn seconds(time: i64) -> i64 {
    if MILLISECONDS.contains(&time) { time / 1000 } else { time }
}
