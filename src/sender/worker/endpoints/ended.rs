use std::time::Duration;

/// How an attempt ended, as far as that says something about its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sender::worker) enum Ended {
    Delivered,
    /// Delivered, but so slowly that its slots are better used for others.
    DeliveredSlowly,
    /// There was a response, but no 2xx.
    Answered,
    /// It timed out, or failed, after this long.
    TimedOut(Duration),
    /// This machine failed.
    Locally,
    /// In a way that says nothing about the endpoint, or with an error that came immediately.
    Otherwise,
}
